// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.LogEntry;
import foundrybot.redfish.Outcome.Done;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The entries of a machine's log services (DSP2046, LogService and LogEntry). */
final class EventLog {

  /** Of one service; which end of a log comes first differs between BMCs. */
  private static final int MAX_PAGES = 20;

  private static final int MAX_SERVICES = 8;

  /** Logs of the BMC's own doings, long and of no use here. */
  private static final List<String> NOT_WANTED =
      List.of("audit", "dump", "lclog", "lifecycle", "journal", "postcode", "crash", "debug");

  private final RedfishTree tree;
  private final Place place;

  EventLog(RedfishTree tree, Place place) {
    this.tree = tree;
    this.place = place;
  }

  Done<List<LogEntry>> read(int most) {
    List<Resource> services = services();
    if (services.isEmpty()) {
      throw RedfishException.unsupported("an event log");
    }
    List<LogEntry> entries = new ArrayList<>();
    for (Resource service : services) {
      for (Props entry : tree.memberProps(service.props().link("Entries"), MAX_PAGES)) {
        Optional<Props> whole =
            entry.has("Message") || entry.has("Created")
                ? Optional.of(entry)
                : entries.size() < RedfishTree.MAX_MEMBERS
                    ? tree.find(entry.text("@odata.id")).map(Resource::props)
                    : Optional.empty();
        whole.map(EventLog::entry).ifPresent(entries::add);
      }
    }
    entries.sort(Comparator.comparing(LogEntry::at));
    List<LogEntry> newest =
        List.copyOf(entries.subList(Math.max(0, entries.size() - most), entries.size()));
    return new Done<>(newest, newest.size() + " of " + entries.size() + " log entries");
  }

  private List<Resource> services() {
    Set<String> owners = new LinkedHashSet<>(List.of(place.system()));
    owners.addAll(place.managers());
    owners.addAll(place.chassis());
    List<Resource> services = new ArrayList<>();
    for (String owner : owners) {
      Optional<String> collection =
          tree.find(owner).flatMap(resource -> resource.props().link("LogServices"));
      for (Resource service : tree.members(collection)) {
        String id = service.id().toLowerCase(Locale.ROOT);
        boolean wanted = NOT_WANTED.stream().noneMatch(id::contains);
        boolean known = services.stream().anyMatch(s -> s.uri().equals(service.uri()));
        if (wanted && !known && services.size() < MAX_SERVICES) {
          services.add(service);
        }
      }
    }
    return services;
  }

  private static LogEntry entry(Props entry) {
    return new LogEntry(
        entry.text("Created").or(() -> entry.text("EventTimestamp")).orElse(""),
        entry.textOrEmpty("Severity"),
        entry.text("Message").or(() -> entry.text("Name")).orElse(""));
  }
}
