// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory.Nic;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import foundrybot.redfish.client.ScriptedBmc.Request;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A client and a small BMC that answers one thing oddly. The numbers in the tests are those of
 * docs/bmc.md.
 */
abstract class QuirkCase {
  static final Duration PATIENCE = Duration.ofMinutes(2);
  static final String SYSTEM = ScriptedBmc.SYSTEM;
  static final String RESET = ScriptedBmc.RESET;
  static final String SLOT = "/redfish/v1/Managers/1/VirtualMedia/CD1";
  static final String INSERT = SLOT + "/Actions/VirtualMedia.InsertMedia";
  static final String EJECT = SLOT + "/Actions/VirtualMedia.EjectMedia";
  static final URI IMAGE = URI.create("https://10.77.0.1/media/n1/boot.iso");
  static final BootSetting PXE_ONCE = BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI);
  static final BootSetting PXE_ALWAYS =
      new BootSetting(
          BootDevice.PXE, Optional.empty(), BootSetting.Lasting.ALWAYS, FirmwareMode.UEFI);
  static final BootSetting HTTP_ONCE =
      new BootSetting(
          BootDevice.HTTP,
          Optional.of(URI.create("http://10.77.0.1/boot.efi")),
          BootSetting.Lasting.ONCE,
          FirmwareMode.UEFI);

  final VirtualTiming timing = new VirtualTiming();
  ScriptedBmc server;
  RedfishBmc bmc;

  QuirkCase() {
    try {
      server = ScriptedBmc.start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    bmc = client(Optional.empty());
  }

  @BeforeEach
  void listening() {
    assertTrue(server.requests().isEmpty());
  }

  @AfterEach
  void stop() throws IOException {
    bmc.close();
    server.close();
  }

  RedfishBmc client(Optional<String> system) {
    Credentials who = new Credentials(ScriptedBmc.USER, new Secret(ScriptedBmc.PASSWORD));
    return RedfishBmc.at(
        new BmcEndpoint(server.url(), Optional.of(who), new Trust.Any(), system),
        RedfishSettings.USUAL,
        timing);
  }

  static <T> T done(Outcome<T> outcome) {
    assertInstanceOf(Done.class, outcome, outcome::evidence);
    return outcome.result().orElseThrow();
  }

  static List<String> warnings(Outcome<?> outcome) {
    assertInstanceOf(Done.class, outcome, outcome::evidence);
    return ((Done<?>) outcome).warnings();
  }

  static BmcFault fault(Outcome<?> outcome) {
    assertInstanceOf(Failed.class, outcome, outcome::evidence);
    return ((Failed<?>) outcome).fault();
  }

  /** The MACs of the inventory. */
  List<String> macs() {
    return done(bmc.inventory()).nics().stream().map(Nic::mac).map(HardwareAddress::text).toList();
  }

  void vendor(String name) {
    server.merge(SYSTEM, "{'Manufacturer':'" + name + "'}");
  }

  /** One slot at the manager, with both actions, that works. */
  void slotForCds() {
    server.merge("/redfish/v1/Managers/1", "{'VirtualMedia':{'@odata.id':'" + parent(SLOT) + "'}}");
    server.put(parent(SLOT), "{'Members':[{'@odata.id':'" + SLOT + "'}]}");
    server.put(
        SLOT,
        "{'Id':'CD1','MediaTypes':['CD','DVD'],'Inserted':false,'Image':null,'Actions':{"
            + "'#VirtualMedia.InsertMedia':{'target':'"
            + INSERT
            + "'},'#VirtualMedia.EjectMedia':{'target':'"
            + EJECT
            + "'}}}");
    server.on("POST " + INSERT, inserts(SLOT));
    server.on("POST " + EJECT, ejects(SLOT));
  }

  /** Puts the image into the slot. */
  Function<Request, Reply> inserts(String slot) {
    return request -> {
      String image = request.json().path("Image").asString("");
      server.resource(slot).put("Inserted", true).put("Image", image);
      return Reply.status(204);
    };
  }

  Function<Request, Reply> ejects(String slot) {
    return request -> {
      empty(slot);
      return Reply.status(204);
    };
  }

  void empty(String slot) {
    server.resource(slot).put("Inserted", false).putNull("Image");
  }

  static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  static Reply noSuchValue(String value, String property) {
    return Reply.message(400, "Base.1.8.PropertyValueNotInList", value, property);
  }

  static Reply notWritable(String property) {
    return Reply.message(400, "Base.1.8.PropertyNotWritable", property);
  }
}
