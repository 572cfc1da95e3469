package org.veilor.seed.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UdpSocketTest {
  private static final int FIRST = 1;
  private static final int SECOND = 2;

  private final BlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> reads = new LinkedBlockingQueue<>();

  private final UdpSocket.Receiver receiver =
      new UdpSocket.Receiver() {
        @Override
        public void onDatagram(UdpSocket socket, InetSocketAddress from, byte[] bytes, int length) {
          heard.add((int) bytes[0]);
        }

        @Override
        public void onReadComplete() {
          reads.add("read");
        }

        @Override
        public void onWritable() {
          // Nothing is written here.
        }
      };

  /** Old peers of a port speak to whoever has it next, before it can answer them. */
  @Test
  void whatComesBeforeItListensIsDropped() throws Exception {
    try (var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        DatagramSocket peer = new DatagramSocket()) {
      EventLoop loop = group.next();
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      UdpSocket socket = UdpSocket.bind(group, false, any, receiver);
      peer.send(new DatagramPacket(new byte[] {FIRST}, 1, socket.localAddress()));
      assertThat(reads.poll(100, TimeUnit.SECONDS)).isNotNull();
      loop.submit(socket::listen).sync();
      peer.send(new DatagramPacket(new byte[] {SECOND}, 1, socket.localAddress()));
      assertThat(heard.poll(100, TimeUnit.SECONDS)).isEqualTo(SECOND);
      socket.close();
    }
  }
}
