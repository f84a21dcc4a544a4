namespace RsyncFs.Tests.Laboratory;

/// <summary>What a program asks of a simulated machine.</summary>
internal enum OperationKind
{
    DeviceRead,
    DeviceWrite,
    DeviceZero,
    DeviceFlush,
    FileRead,
    FileWrite,
    FileSetLength,
    FileAllocate,
    FileFlush,
    List,
    Open,
    Create,
    Rename,
    Delete,
    DirectoryFlush,
    MakeDirectory,
}
