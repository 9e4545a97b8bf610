// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data folder of a version that kept its state in H2. */
class OldStateTest {
  private static final String MAC = "52:54:00:aa:00:01";

  /** As that version made it. */
  private static final List<String> TABLES =
      List.of(
          """
          create table node_event (
            id bigint generated always as identity primary key,
            at timestamp with time zone not null,
            mac varchar(17) not null,
            kind varchar(60) not null,
            detail varchar(500) not null
          )\
          """,
          """
          create table dhcp_lease (
            address varchar(15) primary key,
            mac varchar(17) not null,
            expires timestamp with time zone not null,
            state varchar(20) not null
          )\
          """,
          """
          insert into node_event (at, mac, kind, detail)
            select timestamp with time zone '2026-01-01 12:00:00.000001+00:00',
              '52:54:00:aa:00:01', 'report.step', 'step ' || x from system_range(1, 2500)\
          """,
          """
          insert into dhcp_lease values ('10.0.0.9', '52:54:00:aa:00:01',
            timestamp with time zone '2026-01-01 13:00:00+00:00', 'BOUND')\
          """);

  @TempDir private Path data = Path.of("");

  private Connection oldVersion() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:h2:file:" + data.resolve("state").toAbsolutePath() + ";WRITE_DELAY=0",
        "foundrybot",
        "");
  }

  private void make() throws SQLException {
    try (Connection old = oldVersion();
        Statement statement = old.createStatement()) {
      for (String table : TABLES) {
        statement.execute(table);
      }
    }
  }

  @Test
  void isReadOnceAndLeftAsItIs() throws Exception {
    make();
    byte[] before = Files.readAllBytes(data.resolve("state.mv.db"));
    Files.createDirectories(data.resolve("state.part"));
    Files.writeString(data.resolve("state.part/leases"), "of a reading that was killed");
    Instant at = Instant.parse("2026-01-01T12:00:00.000001Z");
    try (Store store = Store.open(data)) {
      List<Fact> facts = store.history(MAC, 10_000);
      assertEquals(2500, facts.size());
      assertEquals(new Fact(at, MAC, "report.step", "step 1"), facts.getFirst());
      assertEquals(new Fact(at, MAC, "report.step", "step 2500"), facts.getLast());
      assertEquals(
          List.of(
              new Store.LeaseRow("10.0.0.9", MAC, Instant.parse("2026-01-01T13:00:00Z"), "BOUND")),
          store.leases());
      store.append(List.of(new Fact(at, MAC, "enrolled", "")));
    }
    try (Store store = Store.open(data)) {
      assertEquals(2501, store.history(MAC, 10_000).size());
    }
    assertArrayEquals(before, Files.readAllBytes(data.resolve("state.mv.db")));
    assertFalse(Files.exists(data.resolve("state.part")));
  }

  @Test
  void isNotReadWhileAnOldVersionRunsOnIt() throws Exception {
    make();
    try (FileChannel file =
            FileChannel.open(data.resolve("state.mv.db"), StandardOpenOption.WRITE);
        FileLock _ = file.lock()) {
      StoreException refused = assertThrows(StoreException.class, () -> Store.open(data));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("cannot be opened"), refused.getMessage());
    }
    try (Store store = Store.open(data)) {
      assertEquals(2500, store.history(MAC, 10_000).size());
    }
  }
}
