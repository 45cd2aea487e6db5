"""The columns of the directory's sheet, and what people call them."""

from domain.sheets.table import Column
from domain.sheets.values import Kind as Holds

COLUMNS = (
    Column("name", "机构名称", also=("培训机构名称", "培训机构", "单位名称", "学校名称", "名称")),
    Column(
        "uscc",
        "统一社会信用代码",
        Holds.CODE,
        ("信用代码", "社会信用代码", "机构代码", "组织机构代码"),
    ),
    Column(
        "county",
        "县市区",
        also=("所在县市区", "县（市、区）", "所属县区", "县区", "区县", "所在地"),
    ),
    Column(
        *(
            "listed_from",
            "列入日期",
            Holds.DATE,
            ("列入目录日期", "备案日期", "认定日期", "入库日期"),
        ),
        required=False,
        filled=False,
    ),
    Column(
        "listed_until",
        "有效期至",
        Holds.DATE,
        ("有效期", "有效期限", "截止日期"),
        required=False,
        filled=False,
    ),
    Column(
        "document",
        "文号",
        also=("文件", "依据文件", "备案文号"),
        required=False,
        filled=False,
        most=120,
    ),
    Column("address", "地址", also=("办学地址", "培训地址", "地点"), required=False, filled=False),
    Column(
        "may_teach",
        "培训工种",
        also=("培训职业（工种）", "培训职业", "培训专业", "承训工种", "培训项目", "工种"),
        required=False,
        filled=False,
        most=2000,
    ),
    Column(
        "phone",
        "联系电话",
        Holds.CODE,
        ("电话", "办公电话", "咨询电话"),
        required=False,
        filled=False,
    ),
    Column("contact", "联系人", also=("负责人",), required=False, filled=False, most=40),
    Column(
        "contact_phone",
        "联系人手机",
        Holds.CODE,
        ("联系人电话", "手机"),
        required=False,
        filled=False,
    ),
    Column("status", "状态", also=("当前状态", "目录状态"), required=False, filled=False),
    Column(
        "status_from", "状态开始日期", Holds.DATE, ("暂停日期", "起"), required=False, filled=False
    ),
    Column(
        "status_until",
        "状态截止日期",
        Holds.DATE,
        ("恢复日期前", "止"),
        required=False,
        filled=False,
    ),
    Column(
        "reason",
        "状态原因",
        also=("原因", "暂停原因", "处理原因"),
        required=False,
        filled=False,
        most=500,
    ),
    Column(
        "status_document", "处理文号", also=("暂停文号",), required=False, filled=False, most=120
    ),
)
