// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The appliance's durable state: an H2 file under the data folder. What a transaction has committed
 * is in the file when the call returns, so that a kill at any moment loses nothing acknowledged.
 */
public final class Store implements AutoCloseable {
  /**
   * One lease of the dynamic pool.
   *
   * @param address dotted quad
   * @param mac with colons
   * @param state as the DHCP server names it
   */
  public record LeaseRow(String address, String mac, Instant expires, String state) {}

  private static final String INSERT_EVENT =
      "insert into node_event (at, mac, kind, detail) values (?, ?, ?, ?)";

  private final Path file;
  private final JdbcConnectionPool pool;
  private final Jdbi jdbi;

  private Store(Path file, JdbcConnectionPool pool) {
    this.file = file;
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
  }

  /** Opens the state under {@code data}, makes it if it is not there, and brings it up to date. */
  public static Store open(Path data) {
    Path file = data.resolve("state");
    try {
      Files.createDirectories(data);
    } catch (AccessDeniedException e) {
      // Its message is a path and nothing else.
      throw new StoreException(
          data
              + ": no right to make this data folder (expected: writable for "
              + System.getProperty("user.name")
              + "); give another --data, chown the folder above it, or use sudo",
          e);
    } catch (FileAlreadyExistsException e) {
      throw new StoreException(data + ": a file (expected: a folder); give another --data", e);
    } catch (IOException e) {
      throw new StoreException(data + ": cannot be made a data folder: " + e.getMessage(), e);
    }
    // WRITE_DELAY=0: a commit is written before it returns, not half a second later.
    JdbcConnectionPool pool =
        JdbcConnectionPool.create(
            "jdbc:h2:file:" + file.toAbsolutePath() + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE",
            "foundrybot",
            "");
    try {
      Flyway.configure()
          .dataSource(pool)
          .locations("classpath:db/migration")
          .loggers("slf4j")
          .load()
          .migrate();
    } catch (FlywayException e) {
      pool.dispose();
      throw new StoreException(whyNotOpen(file, e), e);
    }
    return new Store(file, pool);
  }

  private static String whyNotOpen(Path file, Throwable problem) {
    for (Throwable t = problem; t != null; t = t.getCause()) {
      String text = String.valueOf(t.getMessage());
      if (text.contains("already in use") || text.contains("locked")) {
        return file + ".mv.db: in use by another appliance; stop that one or give another --data";
      }
    }
    Throwable root = problem;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return file
        + ".mv.db: cannot be opened ("
        + root.getMessage()
        + "); is the disk full or read-only?";
  }

  /** Appends in one transaction and returns when it is on disk. */
  public void append(List<Fact> facts) {
    try (Handle handle = jdbi.open()) {
      handle.useTransaction(tx -> insert(tx.getConnection(), facts));
    } catch (JdbiException | SQLException e) {
      throw failed(e);
    }
  }

  /** In plain JDBC: this is the one statement whose cost is felt when a whole rack boots. */
  private static void insert(Connection connection, List<Fact> facts) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT_EVENT)) {
      for (Fact fact : facts) {
        insert.setObject(1, fact.at().atOffset(ZoneOffset.UTC));
        insert.setString(2, fact.mac());
        insert.setString(3, fact.kind());
        insert.setString(4, fact.detail());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** Hands every fact of the given kinds to {@code each}, oldest first. */
  public void replay(List<String> kinds, Consumer<Fact> each) {
    doing(
        handle ->
            handle
                .createQuery(
                    "select at, mac, kind, detail from node_event where kind in (<kinds>)"
                        + " order by id")
                .bindList("kinds", kinds)
                .map((row, _) -> fact(row))
                .useStream(facts -> facts.forEach(each)));
  }

  /** The newest facts of one machine, oldest first, at most {@code limit}. */
  public List<Fact> history(String mac, int limit) {
    try (Handle handle = jdbi.open()) {
      return handle
          .createQuery(
              "select at, mac, kind, detail from node_event where mac = :mac"
                  + " order by id desc fetch first :limit rows only")
          .bind("mac", mac)
          .bind("limit", limit)
          .map((row, _) -> fact(row))
          .list()
          .reversed();
    } catch (JdbiException e) {
      throw failed(e);
    }
  }

  /**
   * The newest facts that are wanted, of all machines, oldest first.
   *
   * @param limit how many at most
   * @param looked how many facts to look at, from the newest on
   */
  public List<Fact> newest(Predicate<Fact> wanted, int limit, int looked) {
    List<Fact> found = new ArrayList<>();
    doing(
        handle ->
            handle
                .createQuery(
                    "select at, mac, kind, detail from node_event"
                        + " order by id desc fetch first :looked rows only")
                .bind("looked", looked)
                .map((row, _) -> fact(row))
                .useStream(facts -> facts.filter(wanted).limit(limit).forEach(found::add)));
    return found.reversed();
  }

  /** Replaces what was kept for the addresses of these leases, in one commit and in their order. */
  public void save(List<LeaseRow> leases) {
    doing(
        handle ->
            handle.useTransaction(
                tx -> {
                  PreparedBatch batch =
                      tx.prepareBatch(
                          "merge into dhcp_lease (address, mac, expires, state) key (address)"
                              + " values (:address, :mac, :expires, :state)");
                  for (LeaseRow lease : leases) {
                    batch
                        .bind("address", lease.address())
                        .bind("mac", lease.mac())
                        .bind("expires", lease.expires().atOffset(ZoneOffset.UTC))
                        .bind("state", lease.state())
                        .add();
                  }
                  batch.execute();
                }));
  }

  public List<LeaseRow> leases() {
    try (Handle handle = jdbi.open()) {
      return handle
          .createQuery("select address, mac, expires, state from dhcp_lease")
          .map(
              (row, _) ->
                  new LeaseRow(
                      row.getString("address"),
                      row.getString("mac"),
                      row.getObject("expires", OffsetDateTime.class).toInstant(),
                      row.getString("state")))
          .list();
    } catch (JdbiException e) {
      throw failed(e);
    }
  }

  private static Fact fact(java.sql.ResultSet row) throws SQLException {
    return new Fact(
        row.getObject("at", OffsetDateTime.class).toInstant(),
        row.getString("mac"),
        row.getString("kind"),
        row.getString("detail"));
  }

  private void doing(Consumer<Handle> work) {
    try (Handle handle = jdbi.open()) {
      work.accept(handle);
    } catch (JdbiException e) {
      throw failed(e);
    }
  }

  private StoreException failed(Exception e) {
    return new StoreException(
        file
            + ".mv.db: cannot be written or read ("
            + reason(e)
            + "); free space on its disk or mend its rights, then start the appliance again",
        e);
  }

  /** What the operating system said, where it is in there; H2 hides it deep and to the side. */
  private static String reason(Throwable problem) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Throwable> open = new ArrayDeque<>(List.of(problem));
    Throwable last = problem;
    while (!open.isEmpty()) {
      Throwable one = open.removeFirst();
      if (one instanceof IOException) {
        return String.valueOf(one.getMessage());
      }
      if (!seen.add(one)) {
        continue;
      }
      last = one;
      Stream.concat(
              Stream.of(one.getSuppressed()),
              Stream.of(
                      Optional.ofNullable(one.getCause()),
                      Optional.ofNullable(
                          one instanceof SQLException sql ? sql.getNextException() : null))
                  .flatMap(Optional::stream))
          .forEach(open::addLast);
    }
    return String.valueOf(last.getMessage());
  }

  @Override
  public void close() {
    pool.dispose();
  }
}
