// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One line of a BMC's {@code @Message.ExtendedInfo} (DSP0266, 8.6).
 *
 * @param id as it came: {@code Base.1.8.PropertyNotWritable}
 * @param args what it is about, such as the property's name
 */
record Message(String id, String text, List<String> args) {

  /** What messages of several registries say, as far as it changes what is done next. */
  enum Meaning {
    NOT_READY,
    IN_POST,
    NOT_WRITABLE,
    /** To be written to the Settings resource. */
    ELSEWHERE,
    UNKNOWN_PROPERTY,
    VALUE_NOT_ALLOWED,
    MISSING,
    PRECONDITION,
    PASSWORD_CHANGE,
    LIMIT,
    /** The session is over. */
    NO_SESSION,
    PRIVILEGE,
    LICENCE,
    CONFLICT,
    /** The BMC could not fetch what it was given the address of. */
    NOT_FETCHED,
    /** It plays images by other protocols. */
    OTHER_PROTOCOL,
    /** Not by Redfish, on this machine. */
    UNSUPPORTED,
    OTHER
  }

  /** By the last part of the id, which registries and versions share. */
  private static final Map<String, Meaning> MEANINGS =
      Map.ofEntries(
          Map.entry("sys518", Meaning.NOT_READY),
          Map.entry("swc0700", Meaning.NOT_READY),
          Map.entry("servicetemporarilyunavailable", Meaning.NOT_READY),
          Map.entry("serviceinunknownstate", Meaning.NOT_READY),
          Map.entry("resourceinstandby", Meaning.NOT_READY),
          Map.entry("resourceinuse", Meaning.NOT_READY),
          Map.entry("unabletomodifyduringsystempost", Meaning.IN_POST),
          Map.entry("propertynotwritable", Meaning.NOT_WRITABLE),
          Map.entry("propertynotupdated", Meaning.NOT_WRITABLE),
          Map.entry("propertynotwritableorunknown", Meaning.NOT_WRITABLE),
          Map.entry("operationsupportedinfuturestateuri", Meaning.ELSEWHERE),
          Map.entry("propertyunknown", Meaning.UNKNOWN_PROPERTY),
          Map.entry("propertyvaluenotinlist", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("propertyvalueincorrect", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("propertyvalueerror", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("propertyvalueformaterror", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("propertyvaluetypeerror", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("unsupportedoperation", Meaning.UNSUPPORTED),
          Map.entry("actionnotsupported", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("actionparameternotsupported", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("actionparametervaluenotinlist", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("actionparametervalueerror", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("actionparametervalueformaterror", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("actionparametervaluetypeerror", Meaning.VALUE_NOT_ALLOWED),
          Map.entry("actionparameterunknown", Meaning.UNKNOWN_PROPERTY),
          Map.entry("actionparametermissing", Meaning.MISSING),
          Map.entry("propertymissing", Meaning.MISSING),
          Map.entry("createfailedmissingreqproperties", Meaning.MISSING),
          Map.entry("preconditionfailed", Meaning.PRECONDITION),
          Map.entry("preconditionrequired", Meaning.PRECONDITION),
          Map.entry("preconditionheadermissing", Meaning.PRECONDITION),
          Map.entry("passwordchangerequired", Meaning.PASSWORD_CHANGE),
          Map.entry("sessionlimitexceeded", Meaning.LIMIT),
          Map.entry("createlimitreachedforresource", Meaning.LIMIT),
          Map.entry("eventsubscriptionlimitexceeded", Meaning.LIMIT),
          Map.entry("novalidsession", Meaning.NO_SESSION),
          Map.entry("insufficientprivilege", Meaning.PRIVILEGE),
          Map.entry("insufficientprivileges", Meaning.PRIVILEGE),
          Map.entry("licensekeyrequired", Meaning.LICENCE),
          Map.entry("licenserequired", Meaning.LICENCE),
          Map.entry("actionparametervalueconflict", Meaning.CONFLICT),
          Map.entry("propertyvalueconflict", Meaning.CONFLICT),
          Map.entry("invalidoperationforsystemstate", Meaning.CONFLICT),
          Map.entry("couldnotestablishconnection", Meaning.NOT_FETCHED),
          Map.entry("sourcedoesnotsupportprotocol", Meaning.NOT_FETCHED),
          Map.entry("filetransferprotocolmismatch", Meaning.OTHER_PROTOCOL),
          Map.entry("resourceaturiunauthorized", Meaning.NOT_FETCHED),
          Map.entry("resourceaturiinunknownformat", Meaning.NOT_FETCHED));

  /** For no free session vendors have messages of their own. */
  private static final Pattern FULL =
      Pattern.compile(
          "(maximum|limit|too many|no (more|free)).{0,40}session"
              + "|session.{0,40}(limit|maximum|too many|exceed|exhaust)",
          Pattern.CASE_INSENSITIVE);

  private static final String INFO = "@Message.ExtendedInfo";
  private static final int MOST = 20;

  Message {
    args = List.copyOf(args);
  }

  Meaning meaning() {
    String last = id.substring(id.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    Meaning known = MEANINGS.get(last);
    if (known != null) {
      return known;
    }
    return FULL.matcher(last).find() || FULL.matcher(text).find() ? Meaning.LIMIT : Meaning.OTHER;
  }

  /** Whether it is about that property or parameter. */
  boolean about(String property) {
    return args.stream().anyMatch(arg -> arg.endsWith(property)) || text.contains(property);
  }

  @Override
  public String toString() {
    return id.isEmpty() ? text : text.isEmpty() ? id : id + ": " + text;
  }

  /** All that an answer's body says, be it an error or an extended success. */
  static List<Message> in(Props body) {
    List<Message> messages = new ArrayList<>();
    Props error = body.at("error");
    for (Props info : error.items("@Message.ExtendedInfo")) {
      messages.add(of(info));
    }
    for (Props info : body.items("@Message.ExtendedInfo")) {
      messages.add(of(info));
    }
    for (Props info : body.items("Messages")) {
      messages.add(of(info));
    }
    annotations(body, messages);
    body.node().properties().stream()
        .filter(property -> property.getValue().isObject())
        .forEach(property -> annotations(new Props(property.getValue()), messages));
    String code = error.textOrEmpty("code");
    String text = error.text("message").or(() -> body.text("error")).orElse("");
    if (messages.isEmpty() && !(code + text).isEmpty()) {
      messages.add(new Message(code, text, List.of()));
    }
    return List.copyOf(messages.subList(0, Math.min(MOST, messages.size())));
  }

  /** What stands beside single properties, where others of the same request were taken. */
  private static void annotations(Props object, List<Message> messages) {
    for (String name : object.node().propertyNames()) {
      String property = name.endsWith(INFO) ? name.substring(0, name.length() - INFO.length()) : "";
      if (!property.isEmpty()) {
        object.items(name).forEach(info -> messages.add(of(info).beside(property)));
      }
    }
  }

  private Message beside(String property) {
    List<String> more = new ArrayList<>(args);
    more.add(property);
    return new Message(id, text, more);
  }

  static Optional<Message> meaning(List<Message> messages, Meaning meaning) {
    return messages.stream().filter(m -> m.meaning() == meaning).findFirst();
  }

  private static Message of(Props info) {
    List<String> args = new ArrayList<>(info.texts("MessageArgs"));
    args.addAll(info.texts("RelatedProperties"));
    return new Message(info.textOrEmpty("MessageId"), info.textOrEmpty("Message"), args);
  }
}
