import type { ReactNode } from 'react';
import type { Flow, FlowState } from './use-flow';

interface PanelProps {
  readonly flow: Flow;
  readonly of: FlowState;
  readonly id?: string;
  readonly children: ReactNode;
}

/** What is shown in one state; the other panels stay where they are, hidden. */
export function Panel({ flow, of, id, children }: PanelProps) {
  return (
    <div id={id} data-panel={of} hidden={flow.state !== of}>
      {children}
    </div>
  );
}

/** Where the page's one error goes while the panel around it is shown. */
export function ErrorSlot() {
  return <div data-error-slot />;
}
