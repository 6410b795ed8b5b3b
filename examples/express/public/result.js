import { readClaims, splitJson } from '../../shared/public/proof.js';
import { element } from './page.js';

/** Shows the claims of a signed token and the host's answer. */
export function showResult(token, hostAnswer) {
  showJson(element('host-answer'), hostAnswer);
  showJson(element('claims'), readClaims(token));
}

export function clearResult() {
  element('host-answer').replaceChildren();
  element('claims').replaceChildren();
  element('summary').replaceChildren();
}

function showJson(target, value) {
  target.replaceChildren(
    ...splitJson(value).map(({ text, kind }) => {
      if (!kind) return text;
      const span = document.createElement('span');
      span.className = kind;
      span.textContent = text;
      return span;
    }),
  );
}
