import { createServer, type Server } from 'node:http';
import { type OtpMessage, SendError, type Sender } from '@otp/core';
import express from 'express';

/** The server at `OTP_SENDER_URL` on this machine: puts the function's messages into the inbox. */
export function createMessageServer(inbox: Sender): Server {
  const app = express();
  app.post('/', express.json(), async (req, res) => {
    try {
      // Only the function posts here, over the loopback interface.
      await inbox.send(req.body as OtpMessage);
      res.status(204).end();
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      res.status(503).end();
    }
  });
  return createServer(app);
}
