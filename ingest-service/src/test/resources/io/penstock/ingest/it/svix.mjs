// Signs deliveries with the libraries that providers sign with, and posts them.
// Reads {url, secret, messages: [{id, body}]} from standard input; writes a line of JSON for each request.
import { readFileSync } from "node:fs";
import { Webhook as Svix } from "svix";
import { Webhook as StandardWebhooks } from "standardwebhooks";

const { url, secret, messages } = JSON.parse(readFileSync(0, "utf8"));
const signers = [
  { library: "svix", set: "svix-", webhook: new Svix(secret) },
  { library: "standardwebhooks", set: "webhook-", webhook: new StandardWebhooks(secret) },
];

for (const { library, set, webhook } of signers) {
  for (const { id, body } of messages) {
    const messageId = `${id}_${library}`;
    const time = new Date();
    const headers = {
      [`${set}id`]: messageId,
      [`${set}timestamp`]: Math.floor(time.getTime() / 1000).toString(),
      [`${set}signature`]: webhook.sign(messageId, time, body),
    };
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body,
    });
    console.log(JSON.stringify({ id: messageId, body, headers, status: answer.status, text: await answer.text() }));
  }
}
