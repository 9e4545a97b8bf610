// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Lets this process have sockets in a network namespace: a thread moves there by setns(2), opens
 * them, and ends. A socket stays in the namespace in which it was opened, whoever uses it.
 */
final class Namespace {
  private static final int NETWORK = 0x4000_0000;
  private static final MethodHandle OPEN = function("open", ValueLayout.ADDRESS);
  private static final MethodHandle SET = function("setns", ValueLayout.JAVA_INT);
  private static final MethodHandle CLOSE = function("close");

  private Namespace() {}

  /** All these functions end with an int and return one. */
  @SuppressWarnings("restricted") // of the C library, on whose functions nothing here depends else
  private static MethodHandle function(String name, ValueLayout... first) {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor shape = FunctionDescriptor.of(ValueLayout.JAVA_INT, first);
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        shape.appendArgumentLayouts(ValueLayout.JAVA_INT));
  }

  /**
   * Does the work in a thread of that namespace.
   *
   * @param namespace as {@code ip netns} names it
   */
  static <T> T inside(String namespace, Callable<T> work) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              enter(Path.of("/run/netns", namespace));
              return work.call();
            });
    Thread thread = Thread.ofPlatform().name("in-" + namespace).start(task);
    try {
      T result = task.get();
      thread.join();
      return result;
    } catch (ExecutionException e) {
      throw new RigException(namespace + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(namespace + ": interrupted", e);
    }
  }

  private static void enter(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      int descriptor = (int) OPEN.invokeExact(name, 0);
      int status = descriptor < 0 ? -1 : (int) SET.invokeExact(descriptor, NETWORK);
      int closed = descriptor < 0 ? 0 : (int) CLOSE.invokeExact(descriptor);
      if (status != 0 || closed != 0) {
        throw new RigException(file + ": cannot be entered (expected: to be root)");
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new RigException(file + ": cannot be entered", e);
    }
  }
}
