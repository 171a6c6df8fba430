using System.Collections;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Handrail.Faults.Gate;

/// <summary>
/// Rows of which one value can't be read: it is missing, cut off, or no such word or number. What a row is found by is missing or whole: another key in its place would be another row,
/// which nobody could tell from a good one.
/// </summary>
internal sealed class MalformedReader(DbDataReader rows, Random random) : DbDataReader
{
    private static readonly string[] Words = ["", "{", "nonsense", "[1,", "null", "\u0000"];

    private int _until = random.Next(12);
    private int _row = -1;
    private int _column = -1;
    private int _read;

    public override int FieldCount => rows.FieldCount;

    public override int RecordsAffected => rows.RecordsAffected;

    public override bool HasRows => rows.HasRows;

    public override bool IsClosed => rows.IsClosed;

    public override int Depth => rows.Depth;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override bool Read() => Moved(rows.Read());

    public override async Task<bool> ReadAsync(CancellationToken cancellationToken) => Moved(await rows.ReadAsync(cancellationToken));

    public override bool NextResult() => rows.NextResult();

    public override Task<bool> NextResultAsync(CancellationToken cancellationToken) => rows.NextResultAsync(cancellationToken);

    public override bool IsDBNull(int ordinal) => Missing(ordinal) || rows.IsDBNull(ordinal);

    public override Task<bool> IsDBNullAsync(int ordinal, CancellationToken cancellationToken) => Task.FromResult(IsDBNull(ordinal));

    public override string GetString(int ordinal) => Is(ordinal) ? Missing(ordinal) ? throw Null() : IsKey(ordinal) ? rows.GetString(ordinal) : Garbled(rows.GetString(ordinal)) : rows.GetString(ordinal);

    public override bool GetBoolean(int ordinal) => Whole(ordinal, rows.GetBoolean);

    public override byte GetByte(int ordinal) => Whole(ordinal, rows.GetByte);

    public override short GetInt16(int ordinal) => Whole(ordinal, rows.GetInt16);

    public override int GetInt32(int ordinal) => Is(ordinal) && !Missing(ordinal) ? -1 : Whole(ordinal, rows.GetInt32);

    public override long GetInt64(int ordinal) => Whole(ordinal, rows.GetInt64);

    public override float GetFloat(int ordinal) => Whole(ordinal, rows.GetFloat);

    public override double GetDouble(int ordinal) => Whole(ordinal, rows.GetDouble);

    public override decimal GetDecimal(int ordinal) => Is(ordinal) ? throw new FormatException("The input string was not in a correct format.") : rows.GetDecimal(ordinal);

    public override char GetChar(int ordinal) => Whole(ordinal, rows.GetChar);

    public override Guid GetGuid(int ordinal) => Whole(ordinal, rows.GetGuid);

    public override DateTime GetDateTime(int ordinal) => Whole(ordinal, rows.GetDateTime);

    public override object GetValue(int ordinal) => Missing(ordinal) ? DBNull.Value : rows.GetValue(ordinal);

    public override T GetFieldValue<T>(int ordinal) => typeof(T) == typeof(string) ? (T)(object)GetString(ordinal) : Whole(ordinal, rows.GetFieldValue<T>);

    public override int GetValues(object[] values) => rows.GetValues(values);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => rows.GetBytes(ordinal, dataOffset, buffer, bufferOffset, length);

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => rows.GetChars(ordinal, dataOffset, buffer, bufferOffset, length);

    public override string GetName(int ordinal) => rows.GetName(ordinal);

    public override int GetOrdinal(string name) => rows.GetOrdinal(name);

    public override string GetDataTypeName(int ordinal) => rows.GetDataTypeName(ordinal);

    [return: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)]
    public override Type GetFieldType(int ordinal) => rows.GetFieldType(ordinal);

    public override IEnumerator GetEnumerator() => ((IEnumerable)rows).GetEnumerator();

    public override void Close() => rows.Close();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            rows.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool Moved(bool there)
    {
        _row++;
        return there;
    }

    /// <summary>Whether this is the value; it is chosen as values are asked for, and stays that one of that row.</summary>
    private bool Is(int ordinal)
    {
        if (_column < 0 && _until-- <= 0)
        {
            (_column, _read) = (ordinal, _row);
        }

        return _column == ordinal && _read == _row;
    }

    private bool Missing(int ordinal) => Is(ordinal) && (IsKey(ordinal) || _row % 2 == 0);

    private bool IsKey(int ordinal) => rows.GetName(ordinal) is "id" or "scope" or "session_id" or "action_id" or "name" or "key" or "user" or "agent" or "what" or "tool" or "kid" or "moved_to" || rows.GetName(ordinal).EndsWith("_id", StringComparison.Ordinal);

    private T Whole<T>(int ordinal, Func<int, T> read) => Is(ordinal) ? throw Null() : read(ordinal);

    private string Garbled(string text) => random.Next(3) == 0 && text.Length > 1 ? text[..(text.Length / 2)] : Words[random.Next(Words.Length)];

    private static InvalidOperationException Null() => new("The data is NULL at this ordinal.");
}
