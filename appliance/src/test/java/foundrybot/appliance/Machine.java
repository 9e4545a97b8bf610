// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A machine as the routes see one: it fetches its script and uses the token in it. */
public final class Machine {
  private static final Pattern TOKEN = Pattern.compile("/node/([0-9a-f]{32})/");

  final String mac;
  private final LoopbackAppliance appliance;
  private String token = "";

  public Machine(LoopbackAppliance appliance, String mac) {
    this.appliance = appliance;
    this.mac = mac;
  }

  Heard script() {
    return script("bios.ipxe");
  }

  Heard script(String file) {
    return appliance.get("/boot/" + mac.replace(':', '-') + "/" + file);
  }

  static boolean installs(Heard script) {
    return TOKEN.matcher(script.text()).find();
  }

  /** Fetches the script and takes over its token. */
  public String fetchToken() {
    Heard script = script();
    assertEquals(200, script.status(), script.text());
    Matcher found = TOKEN.matcher(script.text());
    assertTrue(found.find(), script.text());
    token = found.group(1);
    return token;
  }

  String path(String rest) {
    return "/node/" + token + "/" + rest;
  }

  public Heard get(String rest) {
    return appliance.get(path(rest));
  }

  Heard post(String rest, String form) {
    return appliance.post(path(rest), form);
  }

  public Heard report(String event) {
    return post("report/" + event, "");
  }

  /** All the way to a finished disk. */
  public Machine install() {
    fetchToken();
    assertEquals(200, report("installer-started").status());
    assertEquals(200, report("installed").status());
    return this;
  }

  /** From its own disk. */
  public Heard enroll() {
    return post("enroll", "hostname=w&machine_id=1");
  }

  String stage() {
    return appliance.statusJson(mac).get("stage").asString();
  }
}
