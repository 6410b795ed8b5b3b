'use client';

import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { CookieNote } from './cookie-note';
import { type Step, Steps } from './steps';
import type { Flow } from './use-flow';

interface FlowMainProps {
  readonly flow: Flow;
  readonly intro: ReactNode;
  readonly steps: readonly Step[];
  /** Names the card for a screen reader. */
  readonly label: string;
  readonly labelWhileCode: string;
  readonly showsCookieNote: boolean;
  readonly onRestart: () => void;
  readonly children: ReactNode;
}

/** The frame of a flow page; `children` are its panels. */
export function FlowMain({ flow, intro, steps, label, ...props }: FlowMainProps) {
  const error = useRef<HTMLParagraphElement>(null);
  const { state } = flow;

  // One live region for all panels, moved and not made anew: a screen reader listens to the element.
  useLayoutEffect(() => {
    const slot = document.querySelector(`[data-panel="${state}"] [data-error-slot]`);
    if (error.current !== null) slot?.append(error.current);
  }, [state]);

  function restart(): void {
    if (flow.isBusy()) return;
    flow.say('');
    props.onRestart();
    flow.setState('start');
  }

  return (
    <main
      id="main"
      className="layout"
      data-state={state}
      data-busy={flow.busy === undefined ? undefined : ''}
      tabIndex={-1}
    >
      <div className="intro">{intro}</div>
      <section className="card" aria-label={label}>
        {props.children}
        <p ref={error} id="error" className="error" role="alert">
          {flow.error}
        </p>
        <p id="status" className="status" role="status">
          {flow.status}
        </p>
        <button id="restart" type="button" hidden={state === 'start'} onClick={restart}>
          {state === 'code' ? props.labelWhileCode : 'Start again'}
        </button>
        <noscript>
          <p className="note">This page needs JavaScript.</p>
        </noscript>
        <CookieNote isAsked={props.showsCookieNote} />
      </section>
      <Steps steps={steps} state={state} />
    </main>
  );
}
