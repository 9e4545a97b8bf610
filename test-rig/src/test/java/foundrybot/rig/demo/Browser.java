// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A real Chromium with a fresh profile, without a screen and without any network but ours. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String AXE =
      resource("/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js");

  private final ChromeDriver driver;

  /** Starts it. */
  Browser(Path profile) {
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(new File("/usr/bin/chromedriver"))
            .usingAnyFreePort()
            .build();
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        "--force-prefers-reduced-motion",
        "--user-data-dir=" + profile);
    driver = new ChromeDriver(service, options);
    // The checker looks at every cell of a rack of 1,000.
    driver.manage().timeouts().scriptTimeout(PATIENCE);
    size(1280, 900);
  }

  private static String resource(String name) {
    try (InputStream in = Browser.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the page without the browser's frame; also as narrow as no window of a desktop is. */
  void size(int width, int height) {
    driver.manage().window().setSize(new Dimension(Math.max(width, 500), height));
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  void dark(boolean wanted) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", wanted ? "dark" : "light"))));
  }

  void open(URI page) {
    driver.get(page.toString());
  }

  String path() {
    return URI.create(String.valueOf(driver.getCurrentUrl())).getPath();
  }

  WebElement find(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  int count(String selector) {
    return driver.findElements(By.cssSelector(selector)).size();
  }

  /** The visible text there; empty while there is none. */
  String text(String selector) {
    try {
      List<WebElement> found = driver.findElements(By.cssSelector(selector));
      return found.isEmpty() ? "" : found.getFirst().getText();
    } catch (StaleElementReferenceException e) {
      return "";
    }
  }

  /** Presses keys wherever the focus is. */
  void press(CharSequence... keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  /** Goes on by the tabulator until the focus is there; whoever has no mouse has to get there. */
  void tabTo(String selector) {
    for (int i = 0; i < 60; i++) {
      press(Keys.TAB);
      Object there = script("return document.activeElement.matches(arguments[0])", selector);
      if (Boolean.TRUE.equals(there)) {
        Object outline = script("return getComputedStyle(document.activeElement).outlineStyle");
        assertEquals("solid", outline, "the focus is seen");
        return;
      }
    }
    assertTrue(false, "not within 60 tabs: " + selector);
  }

  Object script(String text, Object... arguments) {
    Object value = ((JavascriptExecutor) driver).executeScript(text, arguments);
    return value == null ? "" : value;
  }

  void await(String what, BooleanSupplier holds) {
    new WebDriverWait(driver, PATIENCE)
        .withMessage(() -> what + "; page: " + text("main"))
        .until(_ -> holds.getAsBoolean());
  }

  /** What axe-core calls serious or critical on the page as it is. */
  List<?> accessibilityFaults() {
    script(AXE);
    Object faults =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ['violations'] }).then(found => done(found.violations
              .filter(v => v.impact === 'serious' || v.impact === 'critical')
              .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html + ' ' + n.failureSummary).join(' | '))),
              problem => done(['axe: ' + problem]));
            """);
    return faults instanceof List<?> list ? list : List.of("axe: no answer");
  }

  /** From now on nothing comes through that fits one of these patterns. */
  void block(String... urls) {
    driver.executeCdpCommand("Network.enable", Map.of());
    driver.executeCdpCommand("Network.setBlockedURLs", Map.of("urls", List.of(urls)));
  }

  /** What the page has fetched from somewhere else. */
  List<?> requestsElsewhere(URI page) {
    Object names =
        script(
            "return performance.getEntriesByType('resource').map(e => e.name)"
                + ".filter(name => !name.startsWith(arguments[0]))",
            page.resolve("/").toString());
    return names instanceof List<?> list ? list : List.of("no list of requests");
  }

  boolean scrollsSideways() {
    Object wide =
        script(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth");
    return !Boolean.FALSE.equals(wide);
  }

  /** Keeps a picture for the documentation where the run asks for that. */
  void picture(String name) {
    Optional<Path> folder =
        Optional.ofNullable(System.getProperty("foundrybot.screenshots")).map(Path::of);
    if (folder.isPresent()) {
      script("document.activeElement.blur(); scrollTo(0, 0)");
      try {
        Files.createDirectories(folder.get());
        Files.write(folder.get().resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
