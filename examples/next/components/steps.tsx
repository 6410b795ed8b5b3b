import type { ReactNode } from 'react';
import type { FlowState } from './use-flow';

export interface Step {
  readonly state: FlowState;
  readonly title: string;
  readonly text: ReactNode;
  readonly call: string;
}

const ORDER: readonly FlowState[] = ['start', 'code', 'done'];

/** What happens behind the card, and how far it has come. */
export function Steps({ steps, state }: { steps: readonly Step[]; state: FlowState }) {
  const reached = ORDER.indexOf(state);
  return (
    <section className="how" aria-labelledby="how-title">
      <h2 id="how-title" className="eyebrow">
        What happens
      </h2>
      <ol className="steps">
        {steps.map((step, index) => {
          const finished = index < reached || state === 'done';
          const isCurrent = index === reached && !finished;
          return (
            <li
              key={step.state}
              data-step={step.state}
              className={finished ? 'finished' : undefined}
              aria-current={isCurrent ? 'step' : undefined}
            >
              <h3>{step.title}</h3>
              <p>{step.text}</p>
              <code>{step.call}</code>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
