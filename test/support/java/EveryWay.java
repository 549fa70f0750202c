import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Deposits a recording as Java's own client can: with each codec, in both modes, and in transactions, one of which is aborted.
 * Arguments: brokers, mailbox, file. Message ids are `<mode>-<codec>`, `committed-<n>` and `aborted-<n>`.
 */
class EveryWay {
    static final String TIME = "2026-11-23T10:00:00Z";
    static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    public static void main(String[] args) throws Exception {
        var mailbox = args[1];
        var audio = Files.readAllBytes(Path.of(args[2]));
        for (var codec : CODECS) {
            // They wait for each other: a batch of several is what a codec compresses.
            try (var producer = producer(args[0], Map.of("compression.type", codec, "linger.ms", 1_000))) {
                producer.send(binary(mailbox, "binary-" + codec, audio));
                producer.send(structured(mailbox, "structured-" + codec, audio));
                producer.flush();
            }
        }
        try (var producer = producer(args[0], Map.of("transactional.id", "foreign"))) {
            producer.initTransactions();
            transaction(producer, mailbox, "committed-1", audio).commitTransaction();
            transaction(producer, mailbox, "aborted-1", audio).abortTransaction();
            transaction(producer, mailbox, "committed-2", audio).commitTransaction();
        }
    }

    static KafkaProducer<String, byte[]> producer(String brokers, Map<String, Object> more) {
        var config = new HashMap<String, Object>(more);
        config.put("bootstrap.servers", brokers);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /** Both records are on the brokers before the transaction ends: an aborted one leaves them there. */
    static KafkaProducer<String, byte[]> transaction(
            KafkaProducer<String, byte[]> producer, String mailbox, String messageId, byte[] audio) throws Exception {
        producer.beginTransaction();
        producer.send(binary(mailbox, messageId, audio)).get();
        producer.send(structured(mailbox, messageId + "-structured", audio)).get();
        return producer;
    }

    static ProducerRecord<String, byte[]> binary(String mailbox, String messageId, byte[] audio) {
        var record = new ProducerRecord<>("voicemail.deposits", "t100/" + mailbox, audio);
        var attributes = new HashMap<>(Map.of(
            "content-type", "audio/wav",
            "ce_specversion", "1.0",
            "ce_type", "voicemail.deposit.v1",
            "ce_source", "/sip-feature-server/1",
            "ce_id", messageId,
            "ce_time", TIME,
            "ce_tenant", "t100"));
        attributes.putAll(Map.of(
            "ce_mailbox", mailbox,
            "ce_callerid", "+1 555 121 2000",
            "ce_region", "westeurope",
            "ce_priority", "urgent",
            "ce_private", "true",
            "ce_durationms", "1234"));
        attributes.forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
        return record;
    }

    static ProducerRecord<String, byte[]> structured(String mailbox, String messageId, byte[] audio) {
        var event = """
            {
              "specversion": "1.0", "id": "evt-%2$s", "source": "/sip-feature-server/1", "type": "voicemail.deposit.v1",
              "time": "%3$s", "subject": "%1$s/%2$s", "datacontenttype": "application/json",
              "data": {
                "tenant": "t100", "mailbox": "%1$s", "messageId": "%2$s", "callerId": "+1 555 121 2000", "region": "westeurope",
                "depositedAt": "%3$s", "priority": "urgent", "private": true, "durationMs": 1234,
                "media": { "contentType": "audio/wav", "base64": "%4$s" }
              }
            }
            """.formatted(mailbox, messageId, TIME, Base64.getEncoder().encodeToString(audio));
        var record = new ProducerRecord<>("voicemail.deposits", "t100/" + mailbox, event.getBytes(UTF_8));
        record.headers().add("content-type", "application/cloudevents+json; charset=UTF-8".getBytes(UTF_8));
        return record;
    }
}
