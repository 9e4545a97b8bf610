// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.SocketFactory;

/**
 * Fetches an image itself, as BMCs do: its length when it is inserted, and its pieces while the
 * machine reads, which sees a drive. What the faults about media do happens here; for these the
 * request is {@code READ} and the path of the image.
 */
final class FetchingPlayer implements MediaPlayer {
  private final SocketFactory network;
  private final Dice dice;
  private final Timing timing;

  FetchingPlayer(SocketFactory network, Dice dice, Timing timing) {
    this.network = network;
    this.dice = dice;
    this.timing = timing;
  }

  @Override
  public Played play(URI image, boolean verify) {
    if (dice.has(Fault.MEDIA_NO_QUERY) && image.getRawQuery() != null) {
      return new Refused(Errors.valueFormat("InsertMedia", "Image"));
    }
    RemoteImage.Way way =
        new RemoteImage.Way(
            network, verify || dice.has(Fault.MEDIA_CERTIFICATE), dice.has(Fault.MEDIA_HEAD));
    return switch (RemoteImage.open(image, way)) {
      case RemoteImage.Opened.Ready(RemoteImage ready) -> new Drive(ready, image);
      case RemoteImage.Opened.Refused(RemoteImage.Why why, String said) ->
          new Refused(refusal(why, said));
    };
  }

  /** By the messages that the Base registry has; the address is not repeated, it may be secret. */
  private static Reply refusal(RemoteImage.Why why, String said) {
    return switch (why) {
      case CERTIFICATE ->
          Errors.of(
              400,
              "CouldNotEstablishConnection",
              "The service failed to establish a connection with the URI of the image: the"
                  + " server's certificate is not trusted");
      case UNREACHABLE ->
          Errors.of(
              400,
              "CouldNotEstablishConnection",
              "The service failed to establish a connection with the URI of the image: " + said);
      case NO_SUCH ->
          Errors.of(
              400,
              "ResourceAtUriUnauthorized",
              "While accessing the resource at the URI of the image, the service received " + said);
      case NO_LENGTH, NO_RANGES ->
          Errors.of(
              400,
              "ResourceAtUriInUnknownFormat",
              "The resource at the URI of the image is in a format not recognized: " + said);
    };
  }

  /** The image in the machine's drive. */
  private final class Drive implements Playing, Disk {
    private final RemoteImage image;
    private final Request read;
    private final NbdServer server;
    private final AtomicBoolean lost = new AtomicBoolean();

    Drive(RemoteImage image, URI url) {
      this.image = image;
      this.read = new Request("READ", url.getRawPath(), "", Map.of(), "", 1);
      this.server = NbdServer.start(this);
    }

    @Override
    public URI forMachine() {
      return server.url();
    }

    @Override
    public int requests() {
      return image.requests();
    }

    @Override
    public long size() {
      return image.size();
    }

    @Override
    public byte[] read(long offset, int length) throws IOException {
      if (dice.hits(Fault.MEDIA_LOST, read)) {
        lost.set(true);
      }
      if (lost.get()) {
        throw new IOException("the image's server is gone");
      }
      if (dice.hits(Fault.MEDIA_SLOW, read)) {
        pause();
      }
      return image.read(offset, length);
    }

    private void pause() throws InterruptedIOException {
      try {
        Thread.sleep(timing.slow());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the drive is emptied");
      }
    }

    @Override
    public void close() {
      server.close();
      image.close();
    }
  }
}
