// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Tree.Branch;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who is told of what happens. */
final class WebhookBuilder {
  private final Faults faults;

  WebhookBuilder(Faults faults) {
    this.faults = faults;
  }

  List<WebhookSettings> build(Branch root) {
    List<WebhookSettings> hooks = new ArrayList<>();
    root.branches(WebhookKeys.KEY).forEach((name, hook) -> hook(name, hook).ifPresent(hooks::add));
    return hooks;
  }

  private Optional<WebhookSettings> hook(String name, Branch hook) {
    String path = WebhookKeys.KEY + "." + name;
    BmcBuilder.notBoth(faults, hook, path, "trust", "ca");
    BmcBuilder.notBoth(faults, hook, path, "secret-file", "secret-env");
    if (!hook.has("secret-file") && !hook.has("secret-env")) {
      String expected = "secret-file or secret-env, as without a signature anybody could tell it";
      faults.add(hook.at(), path + ".secret-file", "missing", expected);
    }
    Optional<URI> url = hook.text("url").map(URI::create);
    boolean inClear = url.filter(it -> it.getScheme().equals("http")).isPresent();
    for (String key : List.of("trust", "ca")) {
      if (inClear && hook.has(key)) {
        String value = hook.text(key).orElse("");
        faults.add(hook.at(key), path + "." + key, value, "an https URL beside it");
      }
    }
    return url.map(
        it ->
            new WebhookSettings(
                name,
                it,
                secret(hook),
                hook.texts("events").stream().distinct().toList(),
                BmcBuilder.trust(Optional.of(hook))));
  }

  private static BmcSettings.Password secret(Branch hook) {
    return hook.text("secret-file")
        .<BmcSettings.Password>map(file -> new BmcSettings.Password.InFile(Path.of(file)))
        .or(() -> hook.text("secret-env").map(BmcSettings.Password.InEnvironment::new))
        .orElseGet(BmcSettings.Password.None::new);
  }
}
