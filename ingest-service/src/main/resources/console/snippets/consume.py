"""Prints events: consume.py BOOTSTRAP-SERVERS REGISTRY-URL TOPIC GROUP"""
import sys

from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

servers, registry_url, topic, group = sys.argv[1:]

deserialize = AvroDeserializer(SchemaRegistryClient({"url": registry_url}))
consumer = Consumer({
    "bootstrap.servers": servers,
    "group.id": group,
    "isolation.level": "read_committed",  # librdkafka's default; said here because it matters
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
})
consumer.subscribe([topic])
try:
    while True:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            raise RuntimeError(message.error())
        event = deserialize(message.value(), SerializationContext(topic, MessageField.VALUE))
        metadata = event["metadata"]  # metadata["eventId"] tells repetitions apart
        print(message.key().decode(), metadata["type"], metadata["eventId"], metadata["receivedAt"])
        consumer.commit(message)  # after the work: a crash in between repeats it
finally:
    consumer.close()
