import { readClaims, splitJson } from '@otp/example-shared/public/proof.js';

export interface Result {
  readonly token: string;
  readonly hostAnswer: unknown;
}

/** What the host answered, and the claims of the token that it took. */
export function ResultJson({ result, call }: { result: Result | undefined; call: string }) {
  return (
    <>
      <h3>
        What the host answered <code>{call}</code>
      </h3>
      <pre id="host-answer">{result && <Json value={result.hostAnswer} />}</pre>
      <h3>
        The signed token’s claims <code>POST …/check</code>
      </h3>
      <pre id="claims">{result && <Json value={readClaims(result.token)} />}</pre>
    </>
  );
}

function Json({ value }: { readonly value: unknown }) {
  return splitJson(value).map(({ text, kind }, index) => (
    <span key={index} className={kind}>
      {text}
    </span>
  ));
}
