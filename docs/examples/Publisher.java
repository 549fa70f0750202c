import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Deposits a recording in binary mode: the value is the audio, each attribute a header.
 * java -cp 'libs/*' Publisher.java <brokers> <mailbox> <messageId> <file.wav>
 */
class Publisher {
    public static void main(String[] args) throws Exception {
        var brokers = args[0];
        var mailbox = args[1];
        var audio = Files.readAllBytes(Path.of(args[3]));
        var attributes = Map.of(
            "content-type", "audio/wav",
            "ce_specversion", "1.0",
            "ce_type", "voicemail.deposit.v1",
            "ce_source", "/sip-feature-server/1",
            "ce_id", args[2],
            "ce_time", Instant.now().toString(),
            "ce_tenant", "t100",
            "ce_mailbox", mailbox,
            "ce_callerid", "+1 555 121 2000",
            "ce_region", "westus2");
        var config = Map.<String, Object>of("bootstrap.servers", brokers, "acks", "all", "compression.type", "zstd");

        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            var deposit = new ProducerRecord<>("voicemail.deposits", "t100/" + mailbox, audio);
            attributes.forEach((name, value) -> deposit.headers().add(name, value.getBytes(UTF_8)));
            System.out.println(producer.send(deposit).get());
        }
    }
}
