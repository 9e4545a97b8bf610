// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small BMC on loopback that does as it should, but for the requests that a test has rules for.
 *
 * <p>It keeps resources as JSON, asks for a login, merges what is patched, and switches its
 * machine.
 */
final class ScriptedBmc implements AutoCloseable {
  static final String USER = "ops";
  static final String PASSWORD = "c0rrect-horse";
  static final String SYSTEM = "/redfish/v1/Systems/1";
  static final String RESET = SYSTEM + "/Actions/ComputerSystem.Reset";
  static final String SESSIONS = "/redfish/v1/SessionService/Sessions";
  private static final JsonMapper JSON = new JsonMapper();

  /** A request as it came. */
  record Request(
      String method, String path, Map<String, String> headers, String body, int connection) {
    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    JsonNode json() {
      return JSON.readTree(body.isEmpty() ? "{}" : body);
    }

    @Override
    public String toString() {
      return method + " " + path + (body.isEmpty() ? "" : " " + body);
    }
  }

  /** How an answer goes out. */
  enum Manner {
    WHOLE,
    /** The connection is reset instead. */
    RESET,
    /** Half the body, then the end. */
    CUT,
    /** No length; the end of the connection ends it. */
    NO_LENGTH,
    /** As gzip, whether that was asked for or not. */
    PACKED
  }

  record Reply(int status, Map<String, String> headers, String body, Manner manner) {
    static Reply status(int status) {
      return new Reply(status, Map.of(), "", Manner.WHOLE);
    }

    static Reply json(int status, String json) {
      return new Reply(
          status,
          Map.of("Content-Type", "application/json"),
          json.replace('\'', '"'),
          Manner.WHOLE);
    }

    static Reply reset() {
      return new Reply(0, Map.of(), "", Manner.RESET);
    }

    /** A refusal with one message, and what it is about. */
    static Reply message(int status, String id, String... args) {
      String list = args.length == 0 ? "" : "'" + String.join("','", args) + "'";
      return json(
          status,
          "{'error':{'code':'Base.1.8.GeneralError','message':'See ExtendedInfo',"
              + "'@Message.ExtendedInfo':[{'MessageId':'"
              + id
              + "','Message':'It says no.','MessageArgs':["
              + list
              + "]}]}}");
    }

    Reply header(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.put(name, value);
      return new Reply(status, more, body, manner);
    }

    Reply in(Manner other) {
      return new Reply(status, headers, body, other);
    }
  }

  private final ServerSocket server;
  private final Map<String, ObjectNode> resources = new ConcurrentHashMap<>();
  private final Map<String, Deque<Function<Request, Reply>>> rules = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();
  private volatile boolean sessions = true;
  private volatile boolean etags;
  private int connections;
  private int logins;

  private ScriptedBmc(ServerSocket server) {
    this.server = server;
  }

  /** One machine, on; sessions and Basic. */
  static ScriptedBmc start() throws IOException {
    return start(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  static ScriptedBmc start(ServerSocket socket) {
    ScriptedBmc bmc = new ScriptedBmc(socket);
    bmc.usualTree();
    Thread.ofVirtual().start(bmc::accept);
    return bmc;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  URI httpsUrl() {
    return URI.create("https://127.0.0.1:" + server.getLocalPort());
  }

  private void usualTree() {
    put(
        "/redfish/v1/",
        "{'@odata.id':'/redfish/v1/','RedfishVersion':'1.11.0','Vendor':'Acme',"
            + "'Systems':{'@odata.id':'/redfish/v1/Systems'},"
            + "'Managers':{'@odata.id':'/redfish/v1/Managers'},"
            + "'Chassis':{'@odata.id':'/redfish/v1/Chassis'},"
            + "'SessionService':{'@odata.id':'/redfish/v1/SessionService'},"
            + "'Links':{'Sessions':{'@odata.id':'/redfish/v1/SessionService/Sessions'}}}");
    put("/redfish/v1/Systems", "{'Members':[{'@odata.id':'/redfish/v1/Systems/1'}]}");
    put("/redfish/v1/Managers", "{'Members':[{'@odata.id':'/redfish/v1/Managers/1'}]}");
    put("/redfish/v1/Chassis", "{'Members':[{'@odata.id':'/redfish/v1/Chassis/1'}]}");
    put("/redfish/v1/Managers/1", "{'Id':'1','Model':'BMC','FirmwareVersion':'1.02'}");
    put("/redfish/v1/Chassis/1", "{'Id':'1'}");
    put(
        SYSTEM,
        "{'@odata.id':'/redfish/v1/Systems/1','Id':'1','Name':'System','Manufacturer':'Acme',"
            + "'Model':'M1','PowerState':'On','Boot':{'BootSourceOverrideEnabled':'Disabled',"
            + "'BootSourceOverrideTarget':'None','BootSourceOverrideMode':'UEFI',"
            + "'BootSourceOverrideTarget@Redfish.AllowableValues':"
            + "['None','Pxe','Hdd','Cd','UefiHttp','BiosSetup'],'HttpBootUri':null},"
            + "'Links':{'ManagedBy':[{'@odata.id':'/redfish/v1/Managers/1'}],"
            + "'Chassis':[{'@odata.id':'/redfish/v1/Chassis/1'}]},"
            + "'Actions':{'#ComputerSystem.Reset':{'target':'"
            + RESET
            + "','ResetType@Redfish.AllowableValues':['On','ForceOff','GracefulShutdown',"
            + "'ForceRestart','PowerCycle','PushPowerButton']}}}");
  }

  /** A resource, with ' for ". */
  ScriptedBmc put(String path, String json) {
    resources.put(path, (ObjectNode) JSON.readTree(json.replace('\'', '"')));
    return this;
  }

  /** Without any resource. */
  ScriptedBmc clear() {
    resources.clear();
    return this;
  }

  /** Merges into a resource; null removes. */
  ScriptedBmc merge(String path, String json) {
    merge(resource(path), JSON.readTree(json.replace('\'', '"')), true);
    return this;
  }

  ObjectNode resource(String path) {
    return Objects.requireNonNull(resources.get(path), path);
  }

  /** Answers these one after the other, the last one for ever. */
  ScriptedBmc on(String request, Reply... replies) {
    Deque<Function<Request, Reply>> queue = new ArrayDeque<>();
    for (Reply reply : replies) {
      queue.add(r -> reply);
    }
    rules.put(request, queue);
    return this;
  }

  /** Does this whenever it is asked. */
  ScriptedBmc on(String request, Function<Request, Reply> reply) {
    rules.put(request, new ArrayDeque<>(List.of(reply)));
    return this;
  }

  /** Answers these first, and then as it always does. */
  ScriptedBmc first(String request, Reply... replies) {
    Deque<Function<Request, Reply>> queue = new ArrayDeque<>();
    for (Reply reply : replies) {
      queue.add(r -> reply);
    }
    queue.add(this::usual);
    rules.put(request, queue);
    return this;
  }

  ScriptedBmc withoutSessions() {
    sessions = false;
    merge("/redfish/v1/", "{'Links':null,'SessionService':null}");
    return this;
  }

  ScriptedBmc withEtags() {
    etags = true;
    return this;
  }

  /** Ends all sessions, as when it restarts. */
  void loseSessions() {
    tokens.clear();
  }

  int openSessions() {
    return tokens.size();
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  List<Request> requests(String start) {
    return requests.stream().filter(r -> r.toString().startsWith(start)).toList();
  }

  /** What was written to it, as "METHOD PATH BODY", without logins. */
  List<String> writes() {
    return requests.stream()
        .filter(r -> !r.method().equals("GET") && !r.path().startsWith(SESSIONS))
        .map(r -> (r.method() + " " + r.path() + " " + r.body()).replace('"', '\''))
        .toList();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        int number = ++connections;
        Thread.ofVirtual().start(() -> serve(socket, number));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      while (true) {
        Request request = read(in, number);
        requests.add(request);
        Reply reply = answer(request);
        if (!write(socket, out, request, reply)) {
          return;
        }
      }
    } catch (IOException e) {
      // The client is gone.
    } finally {
      open.remove(socket);
    }
  }

  private static boolean write(Socket socket, OutputStream out, Request request, Reply reply)
      throws IOException {
    if (reply.manner() == Manner.RESET) {
      socket.setSoLinger(true, 0);
      return false;
    }
    byte[] plain = reply.body().getBytes(StandardCharsets.UTF_8);
    byte[] body = reply.manner() == Manner.PACKED ? packed(plain) : plain;
    StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " X\r\n");
    reply.headers().forEach((k, v) -> head.append(k).append(": ").append(v).append("\r\n"));
    if (reply.manner() == Manner.PACKED) {
      head.append("Content-Encoding: gzip\r\n");
    }
    if (reply.manner() != Manner.NO_LENGTH && reply.status() != 204) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    int half = reply.manner() == Manner.CUT ? body.length / 2 : body.length;
    out.write(body, 0, half);
    out.flush();
    return reply.manner() == Manner.WHOLE && !request.header("Connection").equals("close");
  }

  private static byte[] packed(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    }
    return packed.toByteArray();
  }

  private static Request read(InputStream in, int number) throws IOException {
    String[] start = line(in).split(" ", 3);
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    return new Request(
        start[0], start[1], headers, new String(body, StandardCharsets.UTF_8), number);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new SocketException("end");
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  private synchronized Reply answer(Request request) {
    Deque<Function<Request, Reply>> rule = rules.get(request.method() + " " + request.path());
    if (rule == null) {
      return usual(request);
    }
    Function<Request, Reply> next = rule.size() > 1 ? rule.removeFirst() : rule.getFirst();
    return next.apply(request);
  }

  /** As a BMC without oddities answers. */
  synchronized Reply usual(Request request) {
    boolean open =
        request.path().equals("/redfish/v1/")
            || (request.method().equals("POST") && request.path().equals(SESSIONS));
    if (!open && !known(request)) {
      return Reply.message(401, "Base.1.8.NoValidSession");
    }
    if (sessions && request.path().startsWith(SESSIONS)) {
      return session(request);
    }
    if (request.method().equals("POST") && request.path().equals(RESET)) {
      return reset(request.json().path("ResetType").asString(""));
    }
    ObjectNode resource = resources.get(request.path());
    if (resource == null) {
      return Reply.message(404, "Base.1.8.ResourceMissingAtURI");
    }
    return switch (request.method()) {
      case "GET" -> {
        Reply reply = Reply.json(200, resource.toString());
        yield etags ? reply.header("ETag", etag(resource)) : reply;
      }
      case "PATCH" -> patch(request, resource);
      default -> Reply.message(405, "Base.1.8.OperationNotAllowed");
    };
  }

  private Reply patch(Request request, ObjectNode resource) {
    if (etags && !request.header("If-Match").equals(etag(resource))) {
      return Reply.message(412, "Base.1.8.PreconditionFailed");
    }
    merge(resource, request.json(), false);
    return Reply.json(200, resource.toString());
  }

  static String etag(ObjectNode resource) {
    return '"' + Integer.toHexString(resource.toString().hashCode()) + '"';
  }

  private boolean known(Request request) {
    String basic =
        java.util.Base64.getEncoder()
            .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    return tokens.contains(request.header("X-Auth-Token"))
        || request.header("Authorization").equals("Basic " + basic);
  }

  private Reply session(Request request) {
    if (request.method().equals("DELETE")) {
      tokens.remove(request.header("X-Auth-Token"));
      return Reply.status(204);
    }
    JsonNode who = request.json();
    if (!who.path("UserName").asString("").equals(USER)
        || !who.path("Password").asString("").equals(PASSWORD)) {
      return Reply.message(401, "Base.1.8.ResourceAtUriUnauthorized");
    }
    String token = "t0ken-" + ++logins + "-of-a-session";
    tokens.add(token);
    return Reply.json(201, "{'@odata.id':'" + SESSIONS + "/" + logins + "'}")
        .header("X-Auth-Token", token)
        .header("Location", SESSIONS + "/" + logins);
  }

  /** Switches at once. */
  synchronized Reply reset(String type) {
    String state =
        switch (type) {
          case "ForceOff", "GracefulShutdown" -> "Off";
          default -> "On";
        };
    merge(SYSTEM, "{'PowerState':'" + state + "'}");
    if (type.equals("ForceRestart") || type.equals("PowerCycle")) {
      merge(SYSTEM, "{'LastResetTime':'" + requests.size() + "'}");
    }
    return Reply.status(204);
  }

  private static void merge(ObjectNode into, JsonNode from, boolean nullRemoves) {
    for (Map.Entry<String, JsonNode> entry : from.properties()) {
      JsonNode old = into.get(entry.getKey());
      if (entry.getValue().isNull() && nullRemoves) {
        into.remove(entry.getKey());
      } else if (old instanceof ObjectNode object && entry.getValue().isObject()) {
        merge(object, entry.getValue(), nullRemoves);
      } else {
        into.set(entry.getKey(), entry.getValue());
      }
    }
  }

  /** The connection numbers of all requests that were sent. */
  List<Integer> connections() {
    return new ArrayList<>(requests.stream().map(Request::connection).toList());
  }
}
