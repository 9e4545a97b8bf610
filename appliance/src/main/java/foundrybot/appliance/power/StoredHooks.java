// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.HookSettings;
import foundrybot.answerfiles.HookSettings.Action;
import foundrybot.answerfiles.HookSettings.Hook;
import foundrybot.answerfiles.HookSettings.Status;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a switch is asked, as bytes within those of its {@link StoredBmc}. */
final class StoredHooks {
  /** Of statuses that mean yes; the rack file has as many. */
  private static final int MOST_STATUSES = 20;

  private static final int LONGEST_OFF = 120;

  private StoredHooks() {}

  static void write(Optional<HookSettings> hooks, DataOutputStream out) throws IOException {
    out.writeBoolean(hooks.isPresent());
    if (hooks.isEmpty()) {
      return;
    }
    HookSettings settings = hooks.get();
    out.writeInt(settings.actions().size());
    for (Map.Entry<Action, Hook> action : new TreeMap<>(settings.actions()).entrySet()) {
      out.writeUTF(action.getKey().name());
      write(action.getValue(), out);
    }
    out.writeBoolean(settings.status().isPresent());
    if (settings.status().isPresent()) {
      Status status = settings.status().get();
      write(status.hook(), out);
      out.writeUTF(status.pointer().orElse(""));
      out.writeUTF(status.on());
      out.writeUTF(status.off());
    }
    out.writeUTF(settings.header().orElse(""));
    out.writeInt((int) settings.offTime().toSeconds());
  }

  private static void write(Hook hook, DataOutputStream out) throws IOException {
    out.writeUTF(hook.method());
    out.writeUTF(hook.path());
    out.writeBoolean(hook.body().isPresent());
    out.writeUTF(hook.body().orElse(""));
    out.writeUTF(hook.type());
    out.writeInt(hook.expected().size());
    for (int status : hook.expected()) {
      out.writeInt(status);
    }
  }

  static Optional<HookSettings> in(DataInputStream in) throws IOException {
    if (!in.readBoolean()) {
      return Optional.empty();
    }
    Map<Action, Hook> actions = new EnumMap<>(Action.class);
    for (int left = StoredBmc.number(in, Action.values().length); left > 0; left--) {
      Action action = Action.valueOf(in.readUTF());
      actions.put(action, hook(in));
    }
    Optional<Status> status = Optional.empty();
    if (in.readBoolean()) {
      Hook hook = hook(in);
      status = Optional.of(new Status(hook, text(in), in.readUTF(), in.readUTF()));
    }
    Optional<String> header = text(in);
    Duration offTime = Duration.ofSeconds(StoredBmc.number(in, LONGEST_OFF));
    return Optional.of(new HookSettings(actions, status, header, offTime));
  }

  private static Hook hook(DataInputStream in) throws IOException {
    String method = in.readUTF();
    String path = in.readUTF();
    boolean hasBody = in.readBoolean();
    String body = in.readUTF();
    String type = in.readUTF();
    List<Integer> expected = new ArrayList<>();
    for (int left = StoredBmc.number(in, MOST_STATUSES); left > 0; left--) {
      expected.add(in.readInt());
    }
    return new Hook(method, path, hasBody ? Optional.of(body) : Optional.empty(), type, expected);
  }

  private static Optional<String> text(DataInputStream in) throws IOException {
    return Optional.of(in.readUTF()).filter(text -> !text.isEmpty());
  }
}
