// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.client.Message.Meaning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** The resources of a BMC, by the links between them. */
final class RedfishTree {

  /** Of one collection, all its pages together. */
  static final int MAX_MEMBERS = 1_000;

  private static final int MAX_PAGES = 50;
  private static final Optional<String> NO_PAGE = Optional.empty();

  /** Of what stands beside a link, for people. */
  private static final Set<String> LABELS = Set.of("id", "name", "description", "memberid");

  private static final int MAX_CACHED = 2_000;

  /** For a resource that is nice to have. */
  private static final int FEW_TRIES = 3;

  private static final Duration REFETCH_WAIT = Duration.ofSeconds(1);

  private final RedfishHttp http;
  private final Tasks tasks;
  private final Map<String, Resource> cache = new HashMap<>();
  private Etag.Form form = Etag.Form.AS_IT_CAME;

  RedfishTree(RedfishHttp http) {
    this.http = http;
    this.tasks = new Tasks(http);
  }

  RedfishHttp http() {
    return http;
  }

  /** Forgets what was read, as at the start of each call. */
  void forget() {
    cache.clear();
  }

  /** As it was read in this call, or as it is now. */
  Resource get(String uri) {
    if (isPart(uri)) {
      return get(whole(uri)).part(uri);
    }
    Resource known = cache.get(uri);
    return known == null ? fresh(uri) : known;
  }

  /** The service root; some show what is behind it only to who has logged in. */
  Resource root() {
    Resource root = get(http.root());
    if (root.props().has("Systems") || !root.props().has("RedfishVersion")) {
      return root;
    }
    Answer answer = http.exchange(Ask.get(http.root()));
    return answer.ok() && answer.readable() ? keep(http.root(), answer) : root;
  }

  /** As it is now. */
  Resource fresh(String uri) {
    if (isPart(uri)) {
      return fresh(whole(uri)).part(uri);
    }
    Ask ask = Ask.get(uri);
    // The root is open to all, so a wrong password is not spent on it.
    Answer answer = http.exchange(uri.equals(http.root()) ? ask.open() : ask);
    if (answer.status() == 401) {
      answer = http.exchange(ask);
    }
    if (!answer.ok()) {
      throw http.faults().of(answer);
    }
    if (!answer.readable()) {
      throw http.faults()
          .fault(
              Kind.BROKEN,
              ask.toString(),
              answer.status() + " with what is no JSON object",
              "is this a BMC that speaks Redfish? If so, restart it");
    }
    return keep(uri, answer);
  }

  /** The same, of what may be missing or broken without harm. */
  Optional<Resource> find(String uri) {
    if (isPart(uri)) {
      return find(whole(uri)).map(whole -> whole.part(uri));
    }
    Resource known = cache.get(uri);
    if (known != null) {
      return Optional.of(known);
    }
    Answer answer = http.exchange(Ask.get(uri).tries(FEW_TRIES));
    return answer.ok() && answer.readable() ? Optional.of(keep(uri, answer)) : Optional.empty();
  }

  Optional<Resource> find(Optional<String> uri) {
    return uri.flatMap(this::find);
  }

  /** Whether a link leads to something within a resource. */
  private static boolean isPart(String uri) {
    return uri.indexOf('#') > 0;
  }

  private static String whole(String uri) {
    return uri.substring(0, uri.indexOf('#'));
  }

  private Resource keep(String uri, Answer answer) {
    Resource resource = new Resource(uri, answer.body(), answer.etag());
    if (cache.size() < MAX_CACHED) {
      cache.put(uri, resource);
    }
    return resource;
  }

  /** The members of a collection, over all its pages; those that cannot be read are left out. */
  List<Resource> members(Optional<String> collection) {
    List<Resource> members = new ArrayList<>();
    for (Props member : memberProps(collection, MAX_PAGES)) {
      String uri = member.textOrEmpty("@odata.id");
      // Some collections hold their members whole.
      if (isWhole(member)) {
        members.add(new Resource(uri, member, member.text("@odata.etag").flatMap(Etag::read)));
      } else if (!uri.isEmpty()) {
        find(uri).ifPresent(members::add);
      }
    }
    return members;
  }

  /** And not a link with a name beside it. */
  private static boolean isWhole(Props member) {
    return member.has("Id")
        && member.has("Name")
        && member.node().properties().stream()
            .map(property -> property.getKey().toLowerCase(Locale.ROOT))
            .anyMatch(name -> !name.contains("@") && !LABELS.contains(name));
  }

  /** The entries of {@code Members} as they stand there, of so many pages. */
  List<Props> memberProps(Optional<String> collection, int pages) {
    List<Props> members = new ArrayList<>();
    Set<String> links = new LinkedHashSet<>();
    Set<String> seen = new HashSet<>();
    Optional<String> next = collection;
    for (int page = 0; page < pages && next.isPresent() && seen.add(next.get()); page++) {
      Optional<Resource> read = find(next);
      int before = members.size();
      for (Props member : read.map(RedfishTree::entries).orElse(List.of())) {
        String uri = member.textOrEmpty("@odata.id");
        if (members.size() < MAX_MEMBERS && (uri.isEmpty() || links.add(Resource.path(uri)))) {
          members.add(member);
        }
      }
      boolean more = members.size() > before;
      next = read.flatMap(r -> nextPage(r).or(() -> more ? rest(r, members.size()) : NO_PAGE));
    }
    return members;
  }

  /** Objects, or, with some, links alone. */
  private static List<Props> entries(Resource page) {
    List<Props> entries = new ArrayList<>(page.props().items("Members"));
    for (String link : page.props().texts("Members")) {
      entries.add(new Props(Props.object().put("@odata.id", link)));
    }
    return entries;
  }

  private Optional<String> nextPage(Resource page) {
    Props props = page.props();
    return props
        .text("Members@odata.nextLink")
        .or(() -> props.link("Members@odata.nextLink"))
        .or(() -> props.text("@odata.nextLink"))
        .map(next -> http.from(page.uri(), next));
  }

  /** Some count more members than they show, and do not say where the others are (DSP0266, 7.3). */
  private static Optional<String> rest(Resource page, int got) {
    String start = page.uri().replaceFirst("\\?\\$skip=[0-9]+$", "");
    boolean some = page.props().number("Members@odata.count").orElse(0) > got;
    return some && start.indexOf('?') < 0 ? Optional.of(start + "?$skip=" + got) : NO_PAGE;
  }

  /** Carries out an action, and waits for its task. */
  Answer post(String uri, ObjectNode body, String note) {
    return written(() -> demanded(Ask.post(uri, body, note)));
  }

  /**
   * Changes a resource, if it is still the one that was read.
   *
   * @return the last answer, which may be a refusal
   */
  Answer patch(String uri, ObjectNode body, String note) {
    return written(() -> matching(uri, body, note));
  }

  /** An action needs no version; whoever demands one has done nothing without it. */
  private Answer demanded(Ask ask) {
    Answer answer = http.exchange(ask);
    boolean demands =
        answer.status() == 428 || (answer.status() == 400 && answer.says(Meaning.PRECONDITION));
    return demands ? http.exchange(ask.ofAnyVersion()) : answer;
  }

  /** Whatever came of it, what was read before may be over. */
  private Answer written(Supplier<Answer> write) {
    try {
      return tasks.end(write.get());
    } finally {
      cache.clear();
    }
  }

  private Answer matching(String uri, ObjectNode body, String note) {
    Optional<Etag> etag = currentEtag(uri);
    Answer answer = patch(uri, body, note, etag, etag.isPresent() ? form : Etag.Form.NONE);
    if (!stale(answer)) {
      return answer;
    }
    http.pause(REFETCH_WAIT, answer.ask().toString());
    etag = currentEtag(uri);
    List<Etag.Form> forms =
        etag.map(e -> e.forms(form)).orElse(List.of(Etag.Form.NONE, Etag.Form.ANY));
    for (Etag.Form variant : forms) {
      answer = patch(uri, body, note, etag.or(() -> Optional.of(new Etag("*"))), variant);
      if (!stale(answer)) {
        form = answer.ok() && etag.isPresent() ? variant : form;
        break;
      }
    }
    return answer;
  }

  private Answer patch(
      String uri, ObjectNode body, String note, Optional<Etag> etag, Etag.Form as) {
    return http.exchange(Ask.patch(uri, body, etag.flatMap(e -> e.in(as)), note));
  }

  private Optional<Etag> currentEtag(String uri) {
    cache.remove(uri);
    return find(uri).flatMap(Resource::etag);
  }

  private static boolean stale(Answer answer) {
    return answer.status() == 412
        || answer.status() == 428
        || (answer.status() >= 400 && answer.says(Meaning.PRECONDITION));
  }
}
