using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Handrail.Sessions.Otlp;

/// <summary>gzip and deflate for gRPC that stop at the largest message: a small body may unpack to any size.</summary>
internal sealed class BoundedCompression : ICompressionProvider
{
    private readonly int _mostBytes;
    private readonly bool _zlib;

    private BoundedCompression(string name, bool zlib, int mostBytes) => (EncodingName, _zlib, _mostBytes) = (name, zlib, mostBytes);

    public string EncodingName { get; }

    /// <summary>Stands in for every compression that the gRPC library brings along.</summary>
    public static IList<ICompressionProvider> All(int mostBytes) => [new BoundedCompression("gzip", zlib: false, mostBytes), new BoundedCompression("deflate", zlib: true, mostBytes)];

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => _zlib
        ? new ZLibStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true)
        : new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) => stream is { CanSeek: true, Length: 0 } ? throw NotPacked() : new Bounded(
        _zlib ? new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true) : new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true), _mostBytes);

    private static RpcException NotPacked() => new(new Status(StatusCode.InvalidArgument, "The message is not in the encoding that grpc-encoding names."));

    private sealed class Bounded(Stream inner, long left) : Stream
    {
        private long _left = left;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Counted(Unpack(() => inner.Read(buffer, offset, count)));

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return Counted(inner.Read(buffer));
            }
            catch (InvalidDataException)
            {
                throw NotPacked();
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return Counted(await inner.ReadAsync(buffer, cancellationToken));
            }
            catch (InvalidDataException)
            {
                throw NotPacked();
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private static int Unpack(Func<int> read)
        {
            try
            {
                return read();
            }
            catch (InvalidDataException)
            {
                throw NotPacked();
            }
        }

        private int Counted(int read)
        {
            _left -= read;
            return _left >= 0 ? read : throw new RpcException(new Status(StatusCode.ResourceExhausted, "The message is too large once it is unpacked."));
        }
    }
}
