import type { Protocol } from './start-provider.js';

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: AWS Query, answered in XML. */
export const SNS: Protocol = {
  rejection: { status: 400, code: 'InvalidParameter' },
  contentType: 'text/xml',
  success: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <PublishResult><MessageId>m-1</MessageId></PublishResult>
  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
</PublishResponse>`,
  toReceived(body) {
    const form = new URLSearchParams(body);
    return { to: form.get('PhoneNumber') ?? '', text: form.get('Message') ?? '' };
  },
  toError: ({ code }, to) => ({
    body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <Error><Type>Sender</Type><Code>${code}</Code><Message>Invalid parameter: PhoneNumber Reason: ${to}</Message></Error>
  <RequestId>r-1</RequestId>
</ErrorResponse>`,
  }),
};

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html: JSON, the error's name in a header. */
export const SES: Protocol = {
  rejection: { status: 400, code: 'BadRequestException' },
  contentType: 'application/json',
  success: '{"MessageId":"m-1"}',
  toReceived(body) {
    const { Destination, Content } = JSON.parse(body);
    const { Subject, Body } = Content.Simple;
    return { to: Destination.ToAddresses.join(), text: Body.Text.Data, subject: Subject.Data };
  },
  toError: ({ code }, to) => ({
    headers: { 'x-amzn-errortype': code },
    body: JSON.stringify({ message: `Local address of ${to} is not one.` }),
  }),
};
