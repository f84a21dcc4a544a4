namespace RsyncFs.Tests.Laboratory;

/// <summary>One call to a simulated machine, seen before it happens.</summary>
internal readonly ref struct Operation
{
    public required OperationKind Kind { get; init; }

    /// <summary>The device, the path of the file, or the path of the directory.</summary>
    public required string Where { get; init; }

    /// <summary>The name in the directory that it is about; empty for devices and open files.</summary>
    public string Name { get; init; }

    /// <summary>The new name of a rename.</summary>
    public string NewName { get; init; }

    public long OffsetBytes { get; init; }

    /// <summary>Bytes to read, write or zero; the new length of a file.</summary>
    public long LengthBytes { get; init; }

    /// <summary>The bytes to be written.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>True if it changes what a crash could leave; a crash before one that does not is a crash before the next.</summary>
    public bool ChangesSomething =>
        Kind
            is not (
                OperationKind.DeviceRead
                or OperationKind.FileRead
                or OperationKind.List
                or OperationKind.Open
            );

    /// <summary>True if it takes room on the disk of the state directory that was not taken before, and so fails where there is none.</summary>
    public bool TakesRoom { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Kind switch
        {
            OperationKind.DeviceFlush
            or OperationKind.FileFlush
            or OperationKind.DirectoryFlush
            or OperationKind.List => $"{Kind} {Where}",
            OperationKind.Rename => $"{Kind} {Where}/{Name} to {NewName}",
            OperationKind.Open
            or OperationKind.Create
            or OperationKind.Delete
            or OperationKind.MakeDirectory => $"{Kind} {Where}/{Name}",
            OperationKind.FileSetLength or OperationKind.FileAllocate => $"{Kind} {Where} {LengthBytes}",
            _ => $"{Kind} {Where} at {OffsetBytes}, {LengthBytes} bytes",
        };
}
