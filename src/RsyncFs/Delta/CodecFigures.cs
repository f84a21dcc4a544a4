namespace RsyncFs.Delta;

/// <summary>What a codec was measured to do with the data of a cycle.</summary>
/// <param name="Ratio">Bytes of the data for each byte that travels, at least 1.</param>
/// <param name="BytesPerSecond">Bytes of the data that one thread encodes in a second.</param>
internal readonly record struct CodecFigures(double Ratio, double BytesPerSecond);
