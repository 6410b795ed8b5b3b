import type { MessageTemplate } from './message-templates.js';

/** The scripts that are written from right to left: Arabic, Hebrew, Syriac, Thaana, N'Ko and their neighbours. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff]/;

/**
 * The HTML of an e-mail, with placeholders. Styles are inline because some programs drop style sheets; the style sheet is
 * for dark mode only. There are no links and no images: scanners have nothing to follow, and opening is not tracked.
 */
export function emailHtml(locale: string, { subject, validity, warning }: MessageTemplate): string {
  const direction = RIGHT_TO_LEFT.test(warning) ? 'rtl' : 'ltr';
  const isolated = (text: string) => escapeHtml(text).replaceAll('{app}', '<bdi>{app}</bdi>');
  return `<!doctype html>
<html lang="${locale}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${escapeHtml(subject)}</title>
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #111318 !important; }
  .card { background: #1c1f26 !important; border-color: #343944 !important; }
  .strong { color: #f4f5f7 !important; }
  .code { background: #2a2f3a !important; }
  .soft { color: #b8bfcc !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="page" style="background:#f3f4f6">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="card" style="max-width:480px;background:#ffffff;border:1px solid #dfe2e8;border-radius:12px;border-collapse:separate">
<tr><td dir="${direction}" style="padding:32px 24px;text-align:start;${FONT}">
<h1 class="strong" style="margin:0 0 20px;font-size:20px;line-height:28px;font-weight:600;color:#14171d">${isolated(subject)}</h1>
<p dir="ltr" class="code strong" style="margin:0 0 20px;padding:16px 0 16px 4px;border-radius:8px;background:#eef0f4;color:#14171d;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:36px;line-height:44px;font-weight:700;letter-spacing:4px;text-align:center">{code}</p>
<p class="strong" style="margin:0 0 8px;font-size:16px;line-height:24px;color:#14171d">${isolated(validity)}</p>
<p class="soft" style="margin:0;font-size:14px;line-height:21px;color:#545b68">${isolated(warning)}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (each) => ESCAPES[each] ?? each);
}
