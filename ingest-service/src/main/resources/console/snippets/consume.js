// Prints events as JSON lines: node consume.js BOOTSTRAP-SERVERS REGISTRY-URL TOPIC GROUP
import avro from 'avsc';
import { Kafka, logLevel } from 'kafkajs';

const [brokers, registryUrl, topic, groupId] = process.argv.slice(2);

// A long is a number where a number holds it exactly, and a BigInt beyond. (avsc alone would refuse the event.)
const long = avro.types.LongType.__with({
  fromBuffer: (buffer) => {
    const value = buffer.readBigInt64LE();
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
  toBuffer: (value) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
});

// By the schema's id. Times are milliseconds since 1970: new Date(event.metadata.receivedAt).
const types = new Map();
async function typeOf(id) {
  if (!types.has(id)) {
    const response = await fetch(`${registryUrl}/schemas/ids/${id}`);
    if (!response.ok) throw new Error(`The registry answered ${response.status} for schema ${id}`);
    const { schema } = await response.json();
    types.set(id, avro.Type.forSchema(JSON.parse(schema), { registry: { long } }));
  }
  return types.get(id);
}

// The Confluent wire format: a zero byte, the schema's id in four bytes, Avro's binary encoding.
async function decode(value) {
  if (value[0] !== 0) throw new Error('Not in the Confluent wire format');
  return (await typeOf(value.readInt32BE(1))).fromBuffer(value.subarray(5));
}

const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.WARN });
// readUncommitted is false unless set: kafkajs asks for committed records and leaves out aborted ones.
const consumer = kafka.consumer({ groupId, readUncommitted: false });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    const event = await decode(message.value);
    // event.metadata.eventId tells repetitions apart; event.metadata.type may be one that you do not know.
    const text = JSON.stringify({
      key: message.key.toString(),
      type: message.headers.ce_type.toString(),
      event,
    }, (name, value) => (typeof value === 'bigint' ? value.toString() : value));
    console.log(text);
  },
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => consumer.disconnect().then(() => process.exit(0)));
}
