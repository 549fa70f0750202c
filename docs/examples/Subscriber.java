import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints every mailbox's lamp, from the start of the compacted topic, then each change. The last one of a key is the truth.
 * java -cp 'libs/*' Subscriber.java <brokers> <group>
 */
class Subscriber {
    public static void main(String[] args) {
        var config = Map.<String, Object>of(
            "bootstrap.servers", args[0],
            "group.id", args[1],
            "auto.offset.reset", "earliest",
            "isolation.level", "read_committed");

        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("voicemail.mwi"));
            while (true) consumer.poll(Duration.ofSeconds(1)).forEach(lamp -> System.out.println(lamp.key() + " " + lamp.value()));
        }
    }
}
