import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Has the log hold deposits that it took long ago: for so long its topic believes the publisher's time.
 * Arguments: brokers, then for each deposit its mailbox, its audio and the time, in ms since the epoch. Its message id is `old`.
 */
class LongAgo {
    static final String TOPIC = "voicemail.deposits";

    public static void main(String[] args) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", args[0]));
                var producer = new KafkaProducer<>(
                    Map.<String, Object>of("bootstrap.servers", args[0]), new StringSerializer(), new ByteArraySerializer())) {
            believe(admin, "CreateTime");
            awaitBelief(producer, args);
            for (var at = 1; at < args.length; at += 3) {
                producer.send(deposit(args[at], args[at + 1], Long.parseLong(args[at + 2]))).get();
            }
            believe(admin, "LogAppendTime");
        }
    }

    static void believe(Admin admin, String type) throws Exception {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        Collection<AlterConfigOp> change =
            List.of(new AlterConfigOp(new ConfigEntry("message.timestamp.type", type), OpType.SET));
        admin.incrementalAlterConfigs(Map.of(topic, change)).all().get();
    }

    /** The change is answered before the brokers go by it. What finds that out is in a partition of its own: the others hold only what is old. */
    static void awaitBelief(KafkaProducer<String, byte[]> producer, String[] args) throws Exception {
        var partitions = producer.partitionsFor(TOPIC).size();
        var taken = new HashSet<Integer>();
        for (var at = 1; at < args.length; at += 3) {
            taken.add(Utils.toPositive(Utils.murmur2(keyOf(args[at]).getBytes(UTF_8))) % partitions);
        }
        var own = 0;
        while (taken.contains(own)) own += 1;
        var time = Long.parseLong(args[3]);
        var asked = deposit("7999", "RIFF whether it is believed", time);
        var probe = new ProducerRecord<>(TOPIC, own, time, asked.key(), asked.value(), asked.headers());
        while (producer.send(probe).get().timestamp() != time) Thread.sleep(100);
    }

    static String keyOf(String mailbox) {
        return "t100/" + mailbox;
    }

    static ProducerRecord<String, byte[]> deposit(String mailbox, String audio, long time) {
        var record = new ProducerRecord<>(TOPIC, null, time, keyOf(mailbox), audio.getBytes(UTF_8));
        Map.of(
            "content-type", "audio/wav",
            "ce_specversion", "1.0",
            "ce_type", "voicemail.deposit.v1",
            "ce_source", "/test",
            "ce_id", "old",
            "ce_time", "2026-01-01T10:00:00Z",
            "ce_tenant", "t100",
            "ce_mailbox", mailbox,
            "ce_region", "westus2").forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
        return record;
    }
}
