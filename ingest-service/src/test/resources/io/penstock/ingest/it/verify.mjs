// Verifies deliveries with the libraries that receivers of webhooks use.
// Reads {secret, deliveries: [{headers, body}]} from standard input; writes a line of JSON for each delivery.
import { readFileSync } from "node:fs";
import { Webhook as Svix } from "svix";
import { Webhook as StandardWebhooks } from "standardwebhooks";

const { secret, deliveries } = JSON.parse(readFileSync(0, "utf8"));

for (const { headers, body } of deliveries) {
  const library = "svix-id" in headers ? new Svix(secret) : new StandardWebhooks(secret);
  let accepted = true;
  let text = "";
  try {
    library.verify(body, headers);
  } catch (problem) {
    accepted = false;
    text = String(problem);
  }
  console.log(JSON.stringify({ accepted, text }));
}
