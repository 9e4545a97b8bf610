// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine's serial console by Serial over LAN, over a network that is not always in order. */
final class IpmiConsoleTest extends IpmiConversation {
  private static final int APPLICATION = 0x06;
  private static final int ACTIVATE = 0x48;
  private static final int DEVICE_ID = 0x01;

  /** Keeps all that it hears. */
  private static final class Ear implements ConsoleListener {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<String> missed = new ArrayList<>();
    private final CountDownLatch open = new CountDownLatch(1);
    private volatile boolean wanted = true;

    @Override
    public void opened(String how) {
      assertTrue(how.startsWith("ipmi 127.0.0.1:"), how);
      open.countDown();
    }

    @Override
    public synchronized void heard(byte[] some) {
      bytes.writeBytes(some);
    }

    @Override
    public synchronized void missed(String why) {
      missed.add(why);
    }

    @Override
    public boolean wanted() {
      return wanted;
    }

    synchronized String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    synchronized List<String> missed() {
      return List.copyOf(missed);
    }
  }

  private final Ear ear = new Ear();

  private CompletableFuture<Outcome<String>> following(IpmiResponder responder, int suite)
      throws InterruptedException {
    Bmc bmc = console(responder, USER.name(), PASSWORD, settings(List.of(suite), 30, 60, true));
    CompletableFuture<Outcome<String>> end = new CompletableFuture<>();
    Thread.startVirtualThread(() -> end.complete(bmc.console(ear)));
    assertTrue(ear.open.await(20, TimeUnit.SECONDS), () -> end.getNow(null) + "");
    return end;
  }

  private static void await(BooleanSupplier what) throws InterruptedException {
    for (int i = 0; i < 1000 && !what.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertTrue(what.getAsBoolean());
  }

  private static String saying(int lines) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      text.append("[    0.%06d] line %d of what a kernel says\r\n".formatted(i, i));
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 3})
  void whatAMachineSaysIsHeardAndNothingIsTyped(int suite) throws Exception {
    IpmiResponder responder = responder(setup());
    var end = following(responder, suite);
    responder.says(saying(40));
    await(() -> ear.text().equals(saying(40)));
    ear.wanted = false;
    assertEquals("closed", done(end.get(20, TimeUnit.SECONDS)).value());
    assertEquals(List.of(), ear.missed());
    assertEquals(0, responder.typed());
    assertEquals(0, responder.account().openSessions());
  }

  @Test
  void packetsThatAreLostOrDoubledCostAndRepeatNothing() throws Exception {
    for (int seed = 1; seed <= 3; seed++) {
      Ear its = new Ear();
      IpmiResponder responder =
          responder(setup().with(IpmiFaults.NONE.losing(0.1, 0.1).doubling(0.2, 0.2), seed));
      Bmc bmc = console(responder, USER.name(), PASSWORD, settings(List.of(17), 30, 60, true));
      CompletableFuture<Outcome<String>> end = new CompletableFuture<>();
      Thread.startVirtualThread(() -> end.complete(bmc.console(its)));
      assertTrue(its.open.await(20, TimeUnit.SECONDS), () -> end.getNow(null) + "");
      responder.says(saying(30));
      await(() -> its.text().length() >= saying(30).length());
      assertEquals(saying(30), its.text(), "seed " + seed);
      assertEquals(List.of(), its.missed(), "seed " + seed);
      assertTrue(responder.account().lost() > 0, "seed " + seed);
      assertTrue(responder.account().doubled() > 0, "seed " + seed);
      its.wanted = false;
      done(end.get(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void whatTheBmcHadNoRoomForIsSaidToBeMissing() throws Exception {
    IpmiResponder responder = responder(setup());
    var end = following(responder, 17);
    responder.says(saying(200));
    await(() -> !ear.missed().isEmpty() && ear.text().length() >= 4096);
    assertTrue(saying(200).startsWith(ear.text()));
    assertEquals(List.of("characters lost: the BMC's buffer overran"), ear.missed());
    responder.hangsUp();
    assertEquals("the BMC ended it", done(end.get(20, TimeUnit.SECONDS)).value());
  }

  @Test
  void aConsoleThatAnotherHasIsLeftToIt() throws Exception {
    IpmiResponder responder = responder(setup());
    var end = following(responder, 17);
    Ear second = new Ear();
    BmcFault fault = fault(console(responder).console(second));
    assertEquals(Kind.BUSY, fault.kind());
    assertTrue(fault.evidence().contains("another console has it"), fault::evidence);
    responder.says("still here\r\n");
    await(() -> ear.text().equals("still here\r\n"));
    assertEquals("", second.text());
    ear.wanted = false;
    done(end.get(20, TimeUnit.SECONDS));
    second.wanted = false;
    assertEquals("closed", done(console(responder).console(second)).value());
  }

  /** The BMC has activated, its answer is lost, and to the same question again it says "active". */
  @Test
  void anActivationWhoseAnswerWasLostIsKnownAsOurs() throws Exception {
    IpmiResponder responder = saying(APPLICATION, ACTIVATE, IpmiFaults.NOTHING, 1, true);
    var end = following(responder, 17);
    responder.says("here\r\n");
    await(() -> ear.text().equals("here\r\n"));
    ear.wanted = false;
    done(end.get(20, TimeUnit.SECONDS));
  }

  @Test
  void refusalsSayWhatToDo() {
    for (int code : new int[] {0x80, 0x81, 0x82, 0x83, 0xd4}) {
      IpmiResponder responder = saying(APPLICATION, ACTIVATE, code, IpmiFaults.ALWAYS, false);
      BmcFault fault = fault(console(responder).console(ear));
      assertEquals(
          switch (code) {
            case 0x80, 0x82 -> Kind.BUSY;
            case 0xd4 -> Kind.NO_PRIVILEGE;
            default -> Kind.REFUSED;
          },
          fault.kind(),
          fault::evidence);
      assertFalse(fault.advice().isEmpty());
      assertEquals(0, responder.account().openSessions());
    }
    Outcome<String> unknown =
        console(saying(APPLICATION, ACTIVATE, 0xc1, IpmiFaults.ALWAYS, false)).console(ear);
    assertInstanceOf(Outcome.Unsupported.class, unknown, unknown::evidence);
  }

  @Test
  void aBmcThatIsGoneIsNoticedWhileNothingIsSaid() throws Exception {
    IpmiResponder responder = saying(APPLICATION, DEVICE_ID, IpmiFaults.NOTHING, 1000, false);
    var end = following(responder, 17);
    BmcFault fault = fault(end.get(20, TimeUnit.SECONDS));
    assertEquals(Kind.UNREACHABLE, fault.kind(), fault::evidence);
  }

  @Test
  void powerIsSwitchedBesideAnOpenConsole() throws Exception {
    IpmiResponder responder = responder(setup());
    var end = following(responder, 17);
    done(console(responder).power(PowerAction.ON, PATIENCE));
    responder.says("POST\r\n");
    await(() -> ear.text().equals("POST\r\n"));
    assertEquals(1, machine.account().powerOns());
    ear.wanted = false;
    done(end.get(20, TimeUnit.SECONDS));
  }
}
