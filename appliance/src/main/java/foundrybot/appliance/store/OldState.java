// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.Store.LeaseRow;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** What earlier versions kept in an H2 database; it is read once. */
final class OldState {
  private static final int AT_ONCE = 1_000;

  private OldState() {}

  /**
   * Copies all, durably.
   *
   * @param file the database, with its suffix {@code .mv.db}; it is not changed
   */
  static void copy(Path file, FactLog facts, LeaseLog leases) throws IOException {
    String name = file.toAbsolutePath().toString().replaceFirst("\\.mv\\.db$", "");
    try (Connection old =
            DriverManager.getConnection(
                "jdbc:h2:file:" + name + ";IFEXISTS=TRUE;ACCESS_MODE_DATA=r;LAZY_QUERY_EXECUTION=1",
                "foundrybot",
                "");
        Statement query = old.createStatement()) {
      copyFacts(query, facts);
      copyLeases(query, leases);
    } catch (SQLException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static void copyFacts(Statement query, FactLog facts) throws SQLException, IOException {
    List<Fact> some = new ArrayList<>();
    try (ResultSet row =
        query.executeQuery("select at, mac, kind, detail from node_event order by id")) {
      while (row.next()) {
        some.add(
            new Fact(
                time(row, "at"),
                row.getString("mac"),
                row.getString("kind"),
                row.getString("detail")));
        if (some.size() == AT_ONCE) {
          facts.append(some);
          some.clear();
        }
      }
    }
    facts.append(some);
    facts.force();
  }

  private static void copyLeases(Statement query, LeaseLog leases)
      throws SQLException, IOException {
    List<LeaseRow> all = new ArrayList<>();
    try (ResultSet row =
        query.executeQuery("select address, mac, expires, state from dhcp_lease")) {
      while (row.next()) {
        all.add(
            new LeaseRow(
                row.getString("address"),
                row.getString("mac"),
                time(row, "expires"),
                row.getString("state")));
      }
    }
    leases.save(all);
  }

  private static Instant time(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
