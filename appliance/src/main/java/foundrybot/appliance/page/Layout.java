// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static foundrybot.appliance.page.Html.all;
import static foundrybot.appliance.page.Html.el;
import static foundrybot.appliance.page.Html.text;
import static foundrybot.appliance.page.Html.when;

import foundrybot.appliance.hardware.HardwareTable;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What all pages have around them. */
final class Layout {
  /**
   * No style of htmx's own and nothing evaluated: the policy of the page forbids both. Who hangs
   * for 8 s is told of as who does not answer.
   */
  private static final String HTMX =
      "{\"includeIndicatorStyles\":false,\"allowEval\":false,\"selfRequestsOnly\":true,"
          + "\"allowScriptTags\":false,\"historyCacheSize\":0,\"timeout\":8000}";

  private Layout() {}

  /**
   * A whole document.
   *
   * @param visitor nobody before the log-in
   */
  static String document(
      String title, String cluster, Optional<Visitor> visitor, String at, Html main) {
    Html head =
        el(
            "head",
            el("meta").at("charset", "utf-8"),
            el("meta").at("name", "viewport").at("content", "width=device-width, initial-scale=1"),
            el("meta").at("name", "color-scheme").at("content", "light dark"),
            el("meta").at("name", "htmx-config").at("content", HTMX),
            el("title", title + " · " + cluster + " · FoundryBot"),
            el("link").at("rel", "icon").at("href", Assets.path("icon.svg")),
            el("link").at("rel", "stylesheet").at("href", Assets.path("page.css")),
            el("script").at("src", Assets.path("htmx.js")).flag("defer", true),
            el("script").at("src", Assets.path("sse.js")).flag("defer", true),
            el("script").at("src", Assets.path("page.js")).flag("defer", true));
    Html body =
        el(
            "body",
            el("a", "Skip to content").classes("skip").at("href", "#main"),
            header(cluster, visitor, at),
            el("p")
                .at("id", "offline")
                .classes("banner stuck")
                .at("role", "alert")
                .flag("hidden", true),
            el(
                    "main",
                    el(
                            "div",
                            visitor
                                .filter(who -> !who.said().isEmpty())
                                .map(who -> said(who.said(), who.said().startsWith("Not done")))
                                .orElse(Html.none()))
                        .at("id", "said")
                        .at("role", "status"),
                    main)
                .at("id", "main")
                .at("tabindex", "-1"));
    return "<!doctype html>" + el("html", head, body).at("lang", "en").written();
  }

  /** What came of an action. */
  static Html said(String words, boolean refused) {
    return el("p", words).classes("banner said" + (refused ? " stuck" : ""));
  }

  private static Html header(String cluster, Optional<Visitor> visitor, String at) {
    Html brand =
        el(
                "a",
                el("span", "◆").classes("mark").at("aria-hidden", "true"),
                text("FoundryBot"),
                el("span", cluster).classes("cluster"))
            .classes("brand")
            .at("href", "/ui/");
    return el("header", brand, visitor.<Html>map(who -> navigation(who, at)).orElse(Html.none()))
        .classes("top");
  }

  private static Html navigation(Visitor who, String at) {
    return all(
        el("nav", item("Rack", "/ui/", at), item("Audit log", "/ui/audit", at))
            .at("aria-label", "Pages"),
        el("span").at("id", "live").classes("live").at("role", "status"),
        el(
                "form",
                el("span", who.name() + " (" + who.scope() + ")").classes("who"),
                proof(who),
                el("button", "Log out").at("type", "submit").classes("quiet"))
            .at("method", "post")
            .at("action", "/ui/logout")
            .classes("out"));
  }

  private static Html item(String title, String path, String at) {
    return el("a", title)
        .at("href", path)
        .at("aria-current", at.equals(path) ? Optional.of("page") : Optional.empty());
  }

  static Html proof(Visitor who) {
    return el("input").at("type", "hidden").at("name", "proof").at("value", who.proof());
  }

  /** An instant to the second, which the script turns into how long ago that is. */
  static Html time(Instant at) {
    String iso = at.truncatedTo(ChronoUnit.SECONDS).toString();
    return el("time", iso.replace('T', ' ')).at("datetime", iso);
  }

  /** Since when something is so, which the script turns into for how long. */
  static Html since(Instant at) {
    String iso = at.truncatedTo(ChronoUnit.SECONDS).toString();
    return el("time", "since " + iso.replace('T', ' ')).at("datetime", iso).classes("since");
  }

  /**
   * Where a page is told of changes; the script sees to it that a hidden one does not listen.
   *
   * @param query what it watches and has
   */
  static Html stream(String query) {
    return el("div").at("id", "stream").at("hx-ext", "sse").at("sse-connect", "/ui/stream" + query);
  }

  /** The same, also where the script leaves it as it is. */
  static Html clock(Instant at) {
    String iso = at.truncatedTo(ChronoUnit.SECONDS).toString();
    return el("time", iso.substring(11, 19)).at("datetime", iso).at("title", iso).classes("clock");
  }

  /** A tone in a sign and in words. */
  static Html tone(Tone tone) {
    return el(
            "span",
            el("span", tone.sign()).classes("sign").at("aria-hidden", "true"),
            text(tone.word()))
        .classes("tone " + tone.key());
  }

  static Html section(String id, String title, Html... content) {
    return el("section", el("h2", title).at("id", id + "-title"))
        .with(content)
        .at("id", id)
        .at("aria-labelledby", id + "-title");
  }

  /** What is wrong with the appliance itself, above all else; nothing where nothing is. */
  static Html ownTrouble(Diagnosis own) {
    return when(
        !own.code().isEmpty(),
        el(
                "section",
                el("h2", "The appliance itself"),
                el("p", own.why()).classes("why"),
                list("Try first", "ol", own.tries()),
                el("p", own.code()).classes("code dim"))
            .classes("card trouble stuck own"));
  }

  /** A table; on a phone each row is a list of its cells. */
  static Html table(HardwareTable table) {
    List<Html> head =
        table.head().stream().<Html>map(name -> el("th", name).at("scope", "col")).toList();
    List<Html> rows =
        table.rows().stream()
            .<Html>map(
                row ->
                    el("tr")
                        .with(
                            IntStream.range(0, row.size())
                                .<Html>mapToObj(
                                    i -> el("td", row.get(i)).at("data-title", table.head().get(i)))
                                .toList()))
            .toList();
    return rows.isEmpty()
        ? el("p", table.title() + ": none")
        : el(
                "table",
                el("caption", table.title()),
                el("thead", el("tr").with(head)),
                el("tbody").with(rows))
            .classes("audit hardware");
  }

  /** A list, or nothing where there is nothing in it. */
  static Html list(String title, String element, List<String> lines) {
    return when(
        !lines.isEmpty(),
        all(
            el("h3", title),
            el(element).with(lines.stream().map(line -> el("li", line)).toList())));
  }
}
