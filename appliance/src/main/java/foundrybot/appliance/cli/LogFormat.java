// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import java.util.Iterator;
import org.slf4j.LoggerFactory;

/** How the appliance writes its log on standard error. */
enum LogFormat {
  TEXT,
  JSON;

  /** Has all lines from now on written as JSON. */
  static JsonLines useJson() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    JsonLines lines = new JsonLines();
    lines.setContext(context);
    lines.start();
    Iterator<Appender<ILoggingEvent>> appenders =
        context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders();
    while (appenders.hasNext()) {
      if (appenders.next() instanceof OutputStreamAppender<ILoggingEvent> stream) {
        stream.stop();
        stream.setEncoder(lines);
        stream.start();
      }
    }
    return lines;
  }
}
