// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.List;

/** Error answers (Redfish DSP0266, section 8.6) with messages of the Base registry. */
final class Errors {
  private static final String REGISTRY = "Base.1.12.";

  private Errors() {}

  static Reply of(int status, String message, String text, String... arguments) {
    return Reply.json(status, body(message, text, arguments));
  }

  static Object body(String message, String text, String... arguments) {
    return Json.object(
        "error",
        Json.object(
            "code",
            REGISTRY + "GeneralError",
            "message",
            "A general error has occurred. See ExtendedInfo for more information.",
            "@Message.ExtendedInfo",
            List.of(message(message, text, arguments))));
  }

  static Object message(String message, String text, String... arguments) {
    return Json.object(
        "@odata.type",
        "#Message.v1_1_2.Message",
        "MessageId",
        REGISTRY + message,
        "Message",
        text,
        "MessageArgs",
        List.of(arguments),
        "MessageSeverity",
        message.equals("Success") ? "OK" : "Critical");
  }

  static Reply notFound(String path) {
    return of(404, "ResourceMissingAtURI", "The resource at " + path + " was not found.", path);
  }

  static Reply notAllowed(String method) {
    return of(405, "OperationNotAllowed", "The operation " + method + " is not allowed here.");
  }

  static Reply malformed() {
    return of(400, "MalformedJSON", "The request body was malformed JSON.");
  }

  static Reply unauthorized() {
    return of(401, "InsufficientPrivilege", "Authentication is required.")
        .with("WWW-Authenticate", "Basic realm=\"redfish\"");
  }

  static Reply unknownProperty(String name) {
    return of(400, "PropertyUnknown", "The property " + name + " is not in the resource.", name);
  }

  static Reply notWritable(String name) {
    return of(
        400,
        "PropertyNotWritable",
        "The property " + name + " is read-only and cannot be assigned a value.",
        name);
  }

  static Reply notInList(String value, String name) {
    return of(
        400,
        "PropertyValueNotInList",
        "The value '" + value + "' for the property " + name + " is not acceptable.",
        value,
        name);
  }

  static Reply valueFormat(String action, String name) {
    return of(
        400,
        "ActionParameterValueFormatError",
        "The value of the parameter "
            + name
            + " in the action "
            + action
            + " is of a different"
            + " format than the parameter can accept.",
        name,
        action);
  }

  static Reply missing(String name) {
    return of(400, "PropertyMissing", "The property " + name + " is required.", name);
  }

  static Reply missingParameter(String action, String name) {
    return of(
        400,
        "ActionParameterMissing",
        "The action " + action + " requires the parameter " + name + ".",
        action,
        name);
  }
}
