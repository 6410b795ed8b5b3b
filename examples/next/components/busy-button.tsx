import type { ReactNode } from 'react';
import type { Flow } from './use-flow';

interface BusyButtonProps {
  readonly flow: Flow;
  readonly id: string;
  readonly kind: 'primary' | 'secondary';
  readonly busyLabel: string;
  readonly disabled?: boolean;
  /** Without it, the button submits its form. */
  readonly onClick?: () => void;
  readonly children: ReactNode;
}

export function BusyButton({ flow, id, kind, busyLabel, disabled, ...props }: BusyButtonProps) {
  const busy = flow.busy === id;
  return (
    <button
      id={id}
      type={props.onClick ? 'button' : 'submit'}
      className={busy ? `${kind} busy` : kind}
      disabled={busy || disabled || !flow.isReady}
      onClick={props.onClick}
    >
      {busy ? busyLabel : props.children}
    </button>
  );
}
