namespace RsyncFs.SystemTests.Keys;

/// <summary>Hands on what a sender and a receiver say, record by record of TLS, with something done to them.</summary>
/// <param name="receiverPort">The receiver.</param>
/// <param name="meddle">Told who speaks, which of its records this is, from 0 on, and the record: gives what passes instead, in pieces; a null piece cuts the connection.</param>
internal sealed class RecordMeddler(int receiverPort, Func<bool, int, byte[], IEnumerable<byte[]?>> meddle)
    : Middleman(receiverPort)
{
    /// <summary>Cuts the connection when that end has said so many bytes.</summary>
    public static RecordMeddler CutAfter(int receiverPort, bool isSender, int bytes)
    {
        var left = bytes;
        return new RecordMeddler(receiverPort, Pass);

        IEnumerable<byte[]?> Pass(bool isFromSender, int index, byte[] record)
        {
            if (isFromSender != isSender || left > record.Length)
            {
                left -= isFromSender == isSender ? record.Length : 0;
                return [record];
            }

            return [record[..left], null];
        }
    }

    /// <inheritdoc/>
    protected override async Task HandOnAsync(Stream from, Stream to, bool isFromSender)
    {
        for (var index = 0; await TlsRecord.ReadAsync(from) is { } record; index++)
        {
            foreach (var piece in meddle(isFromSender, index, record))
            {
                await to.WriteAsync(piece ?? throw new IOException("cut"));
            }
        }
    }
}
