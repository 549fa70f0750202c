import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Counts records by their keys, in its own state store, and writes each new count. Says when it handles the first record, in ms since the
 * epoch. Its arguments: brokers, topic, topic of the counts, application id, folder of the state store.
 */
public class CountPerKey {
  public static void main(String[] args) throws InterruptedException {
    Properties properties = new Properties();
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, args[3]);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    // Otherwise counts of one key that follow each other are written as one.
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    properties.put("auto.offset.reset", "earliest");

    AtomicBoolean hasBegun = new AtomicBoolean();
    StreamsBuilder builder = new StreamsBuilder();
    builder
        .stream(args[1], Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .peek(
            (key, value) -> {
              if (!hasBegun.getAndSet(true)) System.out.println("begun " + System.currentTimeMillis());
            })
        .groupByKey()
        .count(Materialized.as("counts"))
        .toStream()
        .mapValues(count -> Long.toString(count))
        .to(args[2], Produced.with(Serdes.String(), Serdes.String()));

    KafkaStreams streams = new KafkaStreams(builder.build(), properties);
    CountDownLatch told = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      streams.close();
      told.countDown();
    }));
    streams.start();
    told.await();
  }
}
