/** The words of one language. `{app}`, `{code}` and `{minutes}` (a number from 1 to 10) are placeholders. */
export interface MessageTemplate {
  /** SMS and WhatsApp; contains `{code}`. One SMS segment has 160 characters of GSM-7, or 70 of any others. */
  readonly sms: string;
  /** E-mail: subject and heading. Never contains the code: subjects show on lock screens. */
  readonly subject: string;
  /** E-mail, below the code: how long the code is valid. */
  readonly validity: string;
  /** E-mail, at the end: not to share the code, and what to do when the reader did not ask for one. */
  readonly warning: string;
}

export const PLACEHOLDERS = ['app', 'code', 'minutes'] as const;

/** In one pass, so that an app name that looks like a placeholder stays as it is. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<(typeof PLACEHOLDERS)[number], string>>,
): string {
  return template.replace(
    /\{(app|code|minutes)\}/g,
    (_, name: (typeof PLACEHOLDERS)[number]) => values[name],
  );
}

/**
 * The languages that come with the library, by BCP 47 tag. SMS in Latin script use only GSM-7, which has neither "ó"
 * nor "ã"; the others leave room for an app name and a host within 70 characters. `min` needs no plural.
 */
export const MESSAGE_TEMPLATES = {
  en: {
    sms: '{code} is your {app} code. Valid for {minutes} min. Never share it.',
    subject: 'Your {app} code',
    validity: 'It is valid for {minutes} min.',
    warning: 'Never share it. If you did not ask for it, ignore this message.',
  },
  fr: {
    sms: '{code} est votre code pour {app}. Valable {minutes} min. Ne le communiquez jamais.',
    subject: 'Votre code pour {app}',
    validity: 'Il est valable {minutes} min.',
    warning: 'Ne le communiquez à personne. Si vous n’avez rien demandé, ignorez ce message.',
  },
  de: {
    sms: '{code} ist Ihr Code für {app}. {minutes} Min. gültig. Geben Sie ihn nie weiter.',
    subject: 'Ihr Code für {app}',
    validity: 'Er ist {minutes} Min. gültig.',
    warning:
      'Geben Sie ihn an niemanden weiter. Falls Sie keinen Code angefordert haben, ignorieren Sie diese Nachricht.',
  },
  es: {
    sms: '{code} es tu clave para {app}. Vale por {minutes} min. No la compartas.',
    subject: 'Tu código para {app}',
    validity: 'Es válido durante {minutes} min.',
    warning: 'No lo compartas con nadie. Si no lo has pedido, ignora este mensaje.',
  },
  pt: {
    sms: 'Use {code} para confirmar a sua identidade em {app}. Vale por {minutes} min. Nunca o revele.',
    subject: 'O seu código para {app}',
    validity: 'É válido por {minutes} min.',
    warning: 'Não o revele a ninguém. Se não pediu este código, ignore esta mensagem.',
  },
  it: {
    sms: '{code} è il tuo codice per {app}. Valido {minutes} min. Non condividerlo mai.',
    subject: 'Il tuo codice per {app}',
    validity: 'È valido per {minutes} min.',
    warning: 'Non condividerlo con nessuno. Se non lo hai richiesto, ignora questo messaggio.',
  },
  nl: {
    sms: '{code} is je code voor {app}. {minutes} min geldig. Deel hem nooit.',
    subject: 'Je code voor {app}',
    validity: 'Hij is {minutes} min geldig.',
    warning: 'Deel hem met niemand. Heb je geen code aangevraagd? Negeer dan dit bericht.',
  },
  ja: {
    sms: '{code} は{app}の認証コードです。{minutes}分間有効',
    subject: '{app}の認証コード',
    validity: '有効期間は{minutes}分です。',
    warning:
      'このコードは誰にも教えないでください。お心当たりがない場合は、このメッセージを破棄してください。',
  },
  ar: {
    sms: '{code} رمز {app}، صالح {minutes} د',
    subject: 'رمز التحقق الخاص بك في {app}',
    validity: 'مدة الصلاحية بالدقائق: {minutes}',
    warning: 'لا تشاركه مع أي شخص. إذا لم تطلب هذا الرمز، فتجاهل هذه الرسالة.',
  },
} as const satisfies Readonly<Record<string, MessageTemplate>>;

/** Used when neither the configuration nor the request names a language that has a template. */
export const DEFAULT_LOCALE = 'en';
