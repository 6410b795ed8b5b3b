import { countdownLabel } from '@otp/example-shared/public/countdown-label.js';
import { BusyButton } from './busy-button';
import { ErrorSlot } from './panel';
import type { Flow } from './use-flow';
import type { OtpForm } from './use-otp-form';

export function CodeForm({ flow, form }: { readonly flow: Flow; readonly form: OtpForm }) {
  return (
    <form
      id="code-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.check();
      }}
    >
      <label htmlFor="code">6-digit code</label>
      <input
        ref={form.input}
        id="code"
        type="text"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9]{6}"
        spellCheck={false}
        enterKeyHint="done"
        required
        readOnly={flow.busy === 'verify'}
        aria-describedby="error"
        aria-invalid={flow.invalid === 'code' ? true : undefined}
        onInput={form.onInput}
      />
      <ErrorSlot />
      <BusyButton flow={flow} id="verify" kind="primary" busyLabel="Checking…">
        Verify
      </BusyButton>
      <BusyButton
        flow={flow}
        id="retry"
        kind="secondary"
        busyLabel="Sending…"
        disabled={form.secondsToRetry > 0}
        onClick={() => void form.retry()}
      >
        {countdownLabel('Send again', form.secondsToRetry)}
      </BusyButton>
    </form>
  );
}
