// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.client.Message.Meaning;
import foundrybot.redfish.http.Wire;
import java.util.List;
import java.util.Optional;

/**
 * What a BMC answered.
 *
 * @param body nothing where there was none, or none that can be read
 * @param readable whether the body was a JSON object
 */
record Answer(Ask ask, Wire.Reply reply, Props body, boolean readable, List<Message> messages) {

  private static final int MAX_SUMMARY = 400;

  static Answer of(Ask ask, Wire.Reply reply) {
    Optional<Props> body =
        reply.whole() ? Props.read(reply.body().toByteArray()) : Optional.empty();
    Props props = body.orElse(Props.NOTHING);
    return new Answer(ask, reply, props, body.isPresent(), Message.in(props));
  }

  int status() {
    return reply.status();
  }

  boolean ok() {
    return status() >= 200 && status() < 300;
  }

  /** A page for people, or what a broken connection left: not what the service itself says. */
  boolean garbled() {
    return !readable && reply.body().size() > 0;
  }

  /** Whether nobody knows if what was asked for was done. */
  boolean unclear() {
    return status() == 500 || status() == 502 || status() == 504 || (ok() && garbled());
  }

  boolean says(Meaning meaning) {
    return Message.meaning(messages, meaning).isPresent();
  }

  /** Whether it says that about this property. */
  boolean says(Meaning meaning, String property) {
    return messages.stream().anyMatch(m -> m.meaning() == meaning && m.about(property));
  }

  Optional<Etag> etag() {
    return Etag.read(reply.header("ETag")).or(() -> body.text("@odata.etag").flatMap(Etag::read));
  }

  /** Status and messages on one line. */
  String summary() {
    StringBuilder text = new StringBuilder().append(status());
    for (Message message : messages.subList(0, Math.min(3, messages.size()))) {
      text.append(text.length() > 4 ? "; " : " ").append(message);
    }
    String line = text.toString().replaceAll("\\p{Cntrl}+", " ");
    return line.length() > MAX_SUMMARY ? line.substring(0, MAX_SUMMARY) + "..." : line;
  }
}
