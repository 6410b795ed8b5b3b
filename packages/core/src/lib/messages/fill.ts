/** What a template may name; `app` is known when the service is made. */
export const GAPS = ['app', 'code', 'minutes'] as const;

/** For each message anew. */
interface Filling {
  readonly code: string;
  readonly minutes: number;
}

export type Fill = (filling: Filling) => string;

/** Takes a template apart once, so that a message costs a few concatenations. */
export function createFill(template: string, app: string): Fill {
  // Every second part is the name of a gap. The app's name goes in afterwards: it may look like one.
  const [first = '', ...rest] = template.split(/\{(app|code|minutes)\}/);
  const pieces: { gap: 'code' | 'minutes'; text: string }[] = [];
  let head = first;
  for (let index = 0; index < rest.length; index += 2) {
    const gap = rest[index];
    const text = rest[index + 1] ?? '';
    if (gap === 'code' || gap === 'minutes') pieces.push({ gap, text });
    else {
      const last = pieces.at(-1);
      if (last === undefined) head += app + text;
      else last.text += app + text;
    }
  }
  return (filling) => {
    let filled = head;
    for (const { gap, text } of pieces) filled += filling[gap] + text;
    return filled;
  };
}
