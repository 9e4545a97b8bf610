// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Inventory.Cpu;
import foundrybot.redfish.Inventory.Drive;
import foundrybot.redfish.Outcome.Unsupported;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a machine is made of, and how far its start is. */
class InventoryTest extends QuirkCase {
  private static final String CPUS = "/redfish/v1/Systems/1/Processors";
  private static final String STORAGE = "/redfish/v1/Systems/1/Storage";

  private static String linked(String uri) {
    return "{'@odata.id':'" + uri + "'}";
  }

  private void collection(String uri, String... members) {
    List<String> links = Arrays.stream(members).map(InventoryTest::linked).toList();
    server.put(uri, "{'Members':[" + String.join(",", links) + "]}");
  }

  @Test
  void processorsAreThoseThatAreThereAndAreCpus() {
    server.merge(SYSTEM, "{'BiosVersion':'U46 v1.20','Processors':" + linked(CPUS) + "}");
    collection(CPUS, CPUS + "/1", CPUS + "/2", CPUS + "/3");
    server.put(
        CPUS + "/1",
        "{'Id':'1','Socket':'Proc 1','Model':'Xeon','TotalCores':16,'TotalThreads':32}");
    server.put(CPUS + "/2", "{'Id':'2','Status':{'State':'Absent'}}");
    server.put(CPUS + "/3", "{'Id':'3','ProcessorType':'GPU','Model':'H100'}");
    Inventory known = done(bmc.inventory());
    assertEquals(List.of(new Cpu("Proc 1", "Xeon", 16, 32)), known.cpus());
    assertEquals("U46 v1.20", known.biosVersion());
    assertEquals("1.02", known.bmcVersion());
  }

  @Test
  void aSummaryOfProcessorsIsDividedAmongThem() {
    server.merge(
        SYSTEM,
        "{'ProcessorSummary':{'Count':2,'Model':'EPYC','CoreCount':64,"
            + "'LogicalProcessorCount':128}}");
    assertEquals(
        List.of(new Cpu("CPU0", "EPYC", 32, 64), new Cpu("CPU1", "EPYC", 32, 64)),
        done(bmc.inventory()).cpus());
  }

  @Test
  void drivesAreReadOnceThoughTwoControllersHaveThem() {
    server.merge(SYSTEM, "{'Storage':" + linked(STORAGE) + "}");
    collection(STORAGE, STORAGE + "/1", STORAGE + "/2");
    String drives = "{'Drives':[" + linked(STORAGE + "/1/Drives/0") + "]}";
    server.put(STORAGE + "/1", drives).put(STORAGE + "/2", drives);
    server.put(
        STORAGE + "/1/Drives/0",
        "{'Id':'0','Name':'Disk 0','Model':'PM9A3','SerialNumber':'S1',"
            + "'CapacityBytes':1920383410176,'MediaType':'SSD'}");
    assertEquals(
        List.of(new Drive("Disk 0", "PM9A3", "S1", 1_920_383_410_176L, "SSD")),
        done(bmc.inventory()).drives());
  }

  @Test
  void aSimpleStorageIsReadWhereThereIsNoOther() {
    String simple = "/redfish/v1/Systems/1/SimpleStorage";
    server.merge(SYSTEM, "{'SimpleStorage':" + linked(simple) + "}");
    collection(simple, simple + "/1");
    server.put(simple + "/1", "{'Devices':[{'Name':'sda','CapacityBytes':1000}]}");
    assertEquals(List.of(new Drive("sda", "", "", 1000, "")), done(bmc.inventory()).drives());
  }

  @Test
  void whatIsNotToldIsEmptyAndNoFault() {
    Inventory known = done(bmc.inventory());
    assertEquals(List.of(), known.cpus());
    assertEquals(List.of(), known.drives());
    assertEquals("", known.biosVersion());
  }

  @ParameterizedTest
  @CsvSource({
    "{`LastState`:`OSRunning`}, OSRunning",
    "{`LastState`:`OEM`; `OemLastState`:`DXE 0x42`}, DXE 0x42",
    "{`LastState`:`OEM`}, OEM"
  })
  void bootProgressIsItsLastState(String progress, String state) {
    server.merge(SYSTEM, "{'BootProgress':" + progress.replace(';', ',').replace('`', '\'') + "}");
    assertEquals(state, done(bmc.bootProgress()));
  }

  @Test
  void aBmcWithoutBootProgressSaysSo() {
    assertInstanceOf(Unsupported.class, bmc.bootProgress());
    server.on("GET " + SYSTEM, ScriptedBmc.Reply.message(403, "Base.1.8.InsufficientPrivilege"));
    assertEquals(Kind.NO_PRIVILEGE, fault(bmc.bootProgress()).kind());
  }
}
