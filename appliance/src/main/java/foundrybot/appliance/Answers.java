// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.ArtifactLibrary.Item;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import tools.jackson.databind.json.JsonMapper;

/** Short forms for answers, and for the two spellings of a MAC on both sides of the house. */
final class Answers {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Answers() {}

  static HttpAnswer text(int status, String text, String label) {
    return HttpAnswer.Body.text(status, text, label);
  }

  static HttpAnswer notFound(String label) {
    return HttpAnswer.Body.text(404, "not found\n", label);
  }

  /** What the command line reads back. */
  static HttpAnswer json(Object value, String label) {
    return HttpAnswer.Body.of(200, "application/json", bytes(value), label);
  }

  /** JSON of one line. */
  static byte[] bytes(Object value) {
    return JSON.writeValueAsBytes(value);
  }

  /** A list of revoked certificates (RFC 2585, section 4.2). */
  static HttpAnswer crl(byte[] der) {
    return HttpAnswer.Body.of(200, "application/pkix-crl", der, "revoked certificates");
  }

  static HttpAnswer file(Item item, String label) {
    String etag = item.sha256().isEmpty() ? "" : "\"" + item.sha256() + "\"";
    return HttpAnswer.File.of(item.path(), item.size(), "application/octet-stream", etag, label);
  }

  static Mac mac(MacAddress mac) {
    return new Mac(mac.bits());
  }

  static MacAddress mac(Mac mac) {
    return new MacAddress(mac.bits());
  }
}
