using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Handrail.Ingest;

namespace Handrail.Sessions.Otlp;

/// <summary>A request's body, decompressed, in memory that goes back to the pool with it.</summary>
internal sealed class OtlpBody : IDisposable
{
    private const int FirstRead = 64 * 1024;

    private byte[] _buffer;
    private int _length;

    private OtlpBody(int size) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(0, _length);

    /// <summary>A body that a library has read already: the part of its own buffers that is not kept longer than this call.</summary>
    public static OtlpBody Of(ReadOnlySequence<byte> read)
    {
        var body = new OtlpBody((int)read.Length);
        read.CopyTo(body._buffer);
        body._length = (int)read.Length;
        return body;
    }

    /// <summary>Reads the body, and no more of it than the limit allows: length headers may be missing or lie.</summary>
    /// <exception cref="OtlpRefusal">Too large, or not in the encoding it says.</exception>
    /// <exception cref="Refusal">There is no room for it now.</exception>
    public static async Task<OtlpBody> ReadAsync(HttpRequest request, IngestAdmission.Place place, int most, CancellationToken cancel)
    {
        if (request.ContentLength > most)
        {
            throw TooLarge(most);
        }

        var body = new OtlpBody((int)Math.Min(request.ContentLength ?? FirstRead, most) + 1);
        try
        {
            var source = Decompressed(request);
            if (source is GZipStream && await IsEmptyAsync(request.BodyReader, cancel))
            {
                // No bytes at all unpack to no records, and would be acknowledged; nothing packed has at least gzip's own header.
                throw new InvalidDataException();
            }

            await body.FillAsync(source, place, most, cancel);
            return body;
        }
        catch (InvalidDataException)
        {
            body.Dispose();
            throw new OtlpRefusal(StatusCodes.Status400BadRequest, "The body is not in the content encoding that its header names.");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            body.Dispose();
            throw TooLarge(most);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }

    private static Stream Decompressed(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
    {
        "" or "identity" => request.Body,
        "gzip" => new GZipStream(request.BodyReader.AsStream(), CompressionMode.Decompress),
        _ => throw new OtlpRefusal(StatusCodes.Status415UnsupportedMediaType, "The content encoding must be gzip or none."),
    };

    /// <summary>Looks without taking anything.</summary>
    private static async Task<bool> IsEmptyAsync(PipeReader body, CancellationToken cancel)
    {
        var read = await body.ReadAsync(cancel);
        body.AdvanceTo(read.Buffer.Start);
        return read.Buffer.IsEmpty && read.IsCompleted;
    }

    private async Task FillAsync(Stream source, IngestAdmission.Place place, int most, CancellationToken cancel)
    {
        while (true)
        {
            if (_length == _buffer.Length)
            {
                Grow(most);
            }

            var read = await source.ReadAsync(_buffer.AsMemory(_length), cancel);
            if (read == 0)
            {
                return;
            }

            _length += read;
            if (_length > most)
            {
                throw TooLarge(most);
            }

            place.AddBytes(read);
        }
    }

    private void Grow(int most)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(_buffer.Length * 2L, most + 1L));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private static OtlpRefusal TooLarge(int most) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {most} bytes after decompression.");
}
